package cases

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"kokoma/shared/lang"
	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/workflow/command"
	"kokoma/shared/workflow/process"
)

// turnPeople sends open steps to who is asked today, on a day on which a role or
// an absence begins or has ended, and sets the next such day. The place of the
// item of people is what has to be done: once it is in the future, being told
// again changes nothing. A case that rests makes up for it when it goes on.
func (x *Service) turnPeople(ctx context.Context, id string, now time.Time) error {
	c, err := x.Load(ctx, id)
	if err != nil {
		return err
	}
	at, err := c.turn.Time()
	if err != nil || at.After(now) {
		return nil // moved meanwhile, or without a place
	}
	cmd := command.Readdress{Meta: command.Meta{By: process.Actor{Role: process.ByClock}}}
	if err := x.Want(ctx, c, command.Reads(c.Def, c.Head, cmd)...); err != nil {
		return err
	}
	ops, err := x.turned(ctx, c, cmd, now)
	if err != nil {
		return fmt.Errorf("changing who is asked: %w", err)
	}
	err = x.Table.Write(ctx, ops...)
	if errors.Is(err, table.ErrConflict) {
		return nil // it was changed meanwhile; if it is still due, the next tick comes by
	}
	return err
}

// turned gives the operations: the item of people with its next place, and what
// the command leads to, which can be nothing.
func (x *Service) turned(ctx context.Context, c *Record, cmd command.Command, now time.Time) ([]table.Op, error) {
	c.people, c.today = true, lang.DateOf(now)
	row, err := command.Decide(c.Def, c.State, cmd, now)
	if errors.Is(err, command.ErrAlready) || errors.Is(err, command.ErrResting) {
		op, err := c.peopleOp()
		return c.rehearsed([]table.Op{op}), err
	}
	if err != nil {
		return nil, err
	}
	return x.ops(ctx, c, row, now)
}

// inPlace says in a mail in whose place somebody is asked.
func (x *Service) inPlace(e *mail.Entry, a process.Asked) {
	switch {
	case a.StandsIn():
		e.Params["deputy_role"] = x.Text(e.Lang, "workflow.role."+a.Role)
		e.Params["deputy_for"] = a.ForName
	case a.Handed && a.By != "":
		e.Params["handed_by"] = x.Text(e.Lang, "workflow.role."+a.By)
	}
}

// wentAway tells somebody that they are noted as away: by link it was perhaps
// not they who said so.
func (x *Service) wentAway(c *Record, e process.Event, row process.Row) mail.Entry {
	m := mail.Entry{
		Key: Prefix + c.ID + "#away#" + strconv.FormatInt(row.Seq, 10), Template: "m_away", Class: mail.Asked,
		To: e.Who, Lang: c.Head.Lang, CaseNo: c.Head.No, Land: c.Head.Municipality.Land,
		Params: map[string]string{"from": e.From.String(), "to": e.Due.String()},
	}
	for _, role := range e.Roles {
		for _, p := range c.People[role] {
			if p.Email == e.Who && p.Lang != "" {
				m.Lang = p.Lang
			}
		}
	}
	return m
}
