package cases

import (
	"regexp"
	"slices"
	"strconv"

	"kokoma/shared/mail"
	"kokoma/shared/workflow/process"
)

// Ids: a case is random, and a step's link is the case with the step in one of
// its iterations, so that following a link is one read. It proves nothing; the
// token's MAC does.
var (
	caseID = regexp.MustCompile(`^[A-Z2-7]{26}$`)
	linkID = regexp.MustCompile(`^([A-Z2-7]{26})([OABCR][0-9]{2})([1-9][0-9]{0,3})$`)
)

// IDOf is the id of a step's link.
func IDOf(caseID string, ref process.Ref) string {
	return caseID + ref.Step + strconv.Itoa(ref.Iteration)
}

// ParseID reads what IDOf wrote.
func ParseID(id string) (string, process.Ref, bool) {
	m := linkID.FindStringSubmatch(id)
	if m == nil {
		return "", process.Ref{}, false
	}
	n, err := strconv.Atoi(m[3])
	return m[1], process.Ref{Step: m[2], Iteration: n}, err == nil
}

// Purposes of links.
const (
	purposeStep     = "step"
	purposeDecision = "decision"
)

// StepLink is the link by which somebody does a step.
func StepLink(id string, ref process.Ref, email string, rev int) mail.Link {
	return mail.Link{
		Purpose: purposeStep, ID: IDOf(id, ref), Iteration: ref.Iteration, Recipient: email, Revocation: rev,
	}
}

// Recipients are all who may open a step by link: those asked and those who
// stand in for them.
func Recipients(st process.Step) []process.Asked {
	out := slices.Clone(st.Asked)
	for _, a := range st.Asked {
		if a.Deputy != "" && !slices.ContainsFunc(out, func(o process.Asked) bool { return o.Email == a.Deputy }) {
			out = append(out, process.Asked{Role: a.Role, Email: a.Deputy, Lang: a.Lang, Rev: a.Rev, Handed: a.Handed})
		}
	}
	return out
}

// DecisionLink is the link to the reasons of a decision.
func DecisionLink(id string, ref process.Ref, email string) mail.Link {
	link := StepLink(id, ref, email, 0)
	link.Purpose = purposeDecision
	return link
}
