package main

import (
	"errors"
	"fmt"
	"time"

	"kokoma/shared/lang"
)

var errBackwards = errors.New("the clock can only be turned forward")

// target reads what was posted to /local/clock: advance=120h, or to=2027-03-01
// (its midnight in Berlin) or to=2027-03-01T09:00.
func target(now time.Time, advance, to string) (time.Time, error) {
	switch {
	case advance != "":
		d, err := time.ParseDuration(advance)
		if err != nil {
			return time.Time{}, fmt.Errorf("advance=%s is no duration such as 120h or 30m", advance)
		}
		if d < 0 {
			return time.Time{}, errBackwards
		}
		return now.Add(d), nil
	case to != "":
		t, err := time.ParseInLocation("2006-01-02T15:04", to, lang.Berlin())
		if err != nil {
			if t, err = time.ParseInLocation("2006-01-02", to, lang.Berlin()); err != nil {
				return time.Time{}, fmt.Errorf("to=%s is no date such as 2027-03-01 or 2027-03-01T09:00", to)
			}
		}
		if t.Before(now) {
			return time.Time{}, errBackwards
		}
		return t, nil
	}
	return time.Time{}, errors.New("say advance=120h or to=2027-03-01")
}
