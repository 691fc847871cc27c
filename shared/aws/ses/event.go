package ses

import (
	"encoding/json"
	"fmt"
	"time"

	"kokoma/shared/mail"
)

// envelope is what SNS wraps around an event, unless the subscription delivers
// raw messages.
type envelope struct {
	Type    string
	Message string
}

// event is as much of an SES event as we read.
type event struct {
	EventType string `json:"eventType"`
	Mail      struct {
		Tags map[string][]string `json:"tags"`
	} `json:"mail"`
	Delivery  report `json:"delivery"`
	Complaint report `json:"complaint"`
	Bounce    struct {
		report
		Type string `json:"bounceType"`
	} `json:"bounce"`
}

type report struct {
	Timestamp time.Time `json:"timestamp"`
}

// ParseEvent reads the body of a queue record: an SES event as SNS puts it into
// SQS. It is false for events that say nothing about delivery (a "Send" counts
// suppressed mail, too) and for mails that are not from the outbox.
func ParseEvent(body []byte) (mail.DeliveryEvent, bool, error) {
	var wrapped envelope
	if err := json.Unmarshal(body, &wrapped); err != nil {
		return mail.DeliveryEvent{}, false, fmt.Errorf("reading a queue record: %v", err)
	}
	if wrapped.Type == "Notification" {
		body = []byte(wrapped.Message)
	} else if wrapped.Type != "" {
		return mail.DeliveryEvent{}, false, nil // SNS about its subscription
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		return mail.DeliveryEvent{}, false, fmt.Errorf("reading an SES event: %v", err)
	}
	out, ok := e.delivery()
	if tags := e.Mail.Tags[tagName]; len(tags) == 1 {
		out.Tag = tags[0]
	}
	return out, ok && out.Tag != "", nil
}

func (e event) delivery() (mail.DeliveryEvent, bool) {
	switch e.EventType {
	case "Delivery":
		return mail.DeliveryEvent{Kind: mail.DeliveryDone, At: e.Delivery.Timestamp}, true
	case "Bounce":
		return mail.DeliveryEvent{Kind: mail.DeliveryBounce, Hard: e.Bounce.Type == "Permanent", At: e.Bounce.Timestamp}, true
	case "Complaint":
		return mail.DeliveryEvent{Kind: mail.DeliveryComplaint, At: e.Complaint.Timestamp}, true
	case "Reject", "Rendering Failure":
		// SES took the message and then would not send it: nobody gets it.
		return mail.DeliveryEvent{Kind: mail.DeliveryBounce, Hard: true}, true
	}
	return mail.DeliveryEvent{}, false
}
