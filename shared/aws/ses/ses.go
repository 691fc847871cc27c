// Package ses sends mails through Amazon SES v2, and reads what SES reports
// about them. It stores nothing; mail.Outbox does.
package ses

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"kokoma/shared/mail"
)

// tagName is the message tag under which SES gives the outbox entry back.
const tagName = "outbox"

// Sender is a mail.Sender.
type Sender struct {
	client   *sesv2.Client
	identity mail.Identity
	set      string
}

// New returns the sender of identity. The configuration set requires TLS and
// publishes events with their tags; without it nobody hears of a bounce.
func New(client *sesv2.Client, identity mail.Identity, configurationSet string) *Sender {
	return &Sender{client: client, identity: identity, set: configurationSet}
}

// Send hands m over as the raw message that all senders build. SES has no
// token to tell a repeat by, so the SDK must not repeat a request on its own:
// what is in doubt waits in the outbox for the report under its tag.
func (s *Sender) Send(ctx context.Context, m mail.Message) (string, error) {
	raw, err := s.identity.Raw(m)
	if err != nil {
		return "", err
	}
	to, err := mail.Address(m.To)
	if err != nil {
		return "", fmt.Errorf("%w: %v", mail.ErrRefused, err)
	}
	in := &sesv2.SendEmailInput{
		Content:     &types.EmailContent{Raw: &types.RawMessage{Data: raw}},
		Destination: &types.Destination{ToAddresses: []string{to}},
	}
	if m.Tag != "" {
		in.EmailTags = []types.MessageTag{{Name: aws.String(tagName), Value: aws.String(m.Tag)}}
	}
	if s.set != "" {
		in.ConfigurationSetName = aws.String(s.set)
	}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	out, err := s.client.SendEmail(ctx, in, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	if err != nil {
		return "", meaning(err, wrote.Load())
	}
	return aws.ToString(out.MessageId), nil
}

// meaning says whether the message may be on its way. It repeats no text of
// SES, which may hold the address.
func meaning(err error, wrote bool) error {
	code := "no answer"
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		code = e.ErrorCode()
	}
	status := 0
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = e.HTTPStatusCode()
	}
	switch {
	case code == "MessageRejected" || code == "BadRequestException":
		return fmt.Errorf("%w: SES: %s", mail.ErrRefused, code)
	case !wrote || status >= 400 && status < 500:
		// Throttled, paused, not allowed, misconfigured, or never reached: what
		// is wrong is not the message.
		return fmt.Errorf("%w: SES: %s (%d)", mail.ErrNotNow, code, status)
	}
	return fmt.Errorf("SES: %s (%d)", code, status)
}
