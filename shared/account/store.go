package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kokoma/shared/mail"
	"kokoma/shared/table"
	"kokoma/shared/web"
)

const (
	kindUser    = "user"
	kindLogin   = "login"
	kindSession = "session"
	usersList   = "account#users"
)

func userKey(id string) table.Key    { return table.Key{PK: "account#user#" + id, SK: "user"} }
func loginKey(id string) table.Key   { return table.Key{PK: "account#login#" + id, SK: "login"} }
func sessionKey(id string) table.Key { return table.Key{PK: "account#session#" + id, SK: "session"} }

// store keeps what the package comment describes.
type store struct{ table table.Table }

// write writes; a transaction that only met another one is tried again. ok is false when a
// condition did not hold.
func (s store) write(ctx context.Context, ops ...table.Op) (ok bool, err error) {
	for try := 0; ; try++ {
		err = s.table.Write(ctx, ops...)
		if c, is := errors.AsType[*table.ConflictError](err); is && c.Collided && try < 5 {
			continue
		}
		if errors.Is(err, table.ErrConflict) {
			return false, nil
		}
		return err == nil, err
	}
}

// person reads a desk user by the hash of the address; ok is false when there is none, or one
// without roles: they cannot sign in and are on no list.
func (s store) person(ctx context.Context, id string) (p person, ok bool, err error) {
	p, _, err = s.known(ctx, id)
	return p, len(p.Roles) > 0, err
}

// known reads a desk user, also one without roles; found is false when there never was one.
func (s store) known(ctx context.Context, id string) (p person, found bool, err error) {
	it, err := s.table.Get(ctx, userKey(id))
	if errors.Is(err, table.ErrNotFound) {
		return person{}, false, nil
	}
	if err != nil {
		return person{}, false, fmt.Errorf("reading a desk user: %w", err)
	}
	if err := json.Unmarshal(it.Body, &p); err != nil {
		return person{}, false, fmt.Errorf("reading a desk user: %w", err)
	}
	p.version = it.Version
	return p, true, nil
}

// putPerson stores a desk user in place of the version that was read.
// Of somebody without roles only the epoch is kept: sessions that were ended stay ended if they come
// back, and the office that was removed is not made anew.
func putPerson(id string, p person) (table.Op, error) {
	place := table.Place{PK: usersList, SK: strings.ToLower(p.Name) + "#" + id}
	if len(p.Roles) == 0 {
		p.Email, p.Name, place = "", "", table.Place{}
	}
	body, err := json.Marshal(p)
	if err != nil {
		return table.Op{}, err
	}
	return table.Put(table.Item{
		Key: userKey(id), Version: p.version + 1, Kind: kindUser, Body: body, By: place,
	}, table.AtVersion(p.version)), nil
}

// change reads a desk user, lets f change it and stores it; when somebody else was faster, again.
func (s store) change(ctx context.Context, id string, f func(p *person, found bool) bool) error {
	for try := 0; ; try++ {
		p, found, err := s.known(ctx, id)
		if err != nil || !f(&p, found) {
			return err
		}
		op, err := putPerson(id, p)
		if err != nil {
			return err
		}
		ok, err := s.write(ctx, op)
		if err != nil {
			return fmt.Errorf("keeping a desk user: %w", err)
		}
		if ok {
			return nil
		}
		if try == 5 {
			return fmt.Errorf("keeping a desk user: %w", table.ErrConflict)
		}
	}
}

// people lists all desk users by name.
func (s store) people(ctx context.Context) ([]person, error) {
	var people []person
	for it, err := range table.All(ctx, s.table, table.Query{Index: table.By, PK: usersList}) {
		if err != nil {
			return nil, fmt.Errorf("listing desk users: %w", err)
		}
		p, ok, err := s.person(ctx, strings.TrimPrefix(it.PK, "account#user#"))
		if err != nil {
			return nil, err
		}
		if ok { // the index may be behind
			people = append(people, p)
		}
	}
	return people, nil
}

// putLogin stores that a code was asked for.
func putLogin(l login) (table.Op, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return table.Op{}, err
	}
	it := table.Item{Key: loginKey(l.key), Kind: kindLogin, Body: body, Expires: l.Until}
	return table.Put(it, table.Absent()), nil
}

// login reads what was asked for in the browser with this cookie; ok is false when there is nothing
// or when it is over.
func (s store) login(ctx context.Context, cookie string, now time.Time) (l login, ok bool, err error) {
	if cookie == "" {
		return login{}, false, nil
	}
	l.key = hash(cookie)
	it, err := s.table.Get(ctx, loginKey(l.key))
	if errors.Is(err, table.ErrNotFound) {
		return login{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(it.Body, &l)
	}
	if err != nil {
		return login{}, false, fmt.Errorf("reading a sign-in: %w", err)
	}
	l.tries = it.Counters["tries"]
	return l, now.Before(l.Until), nil
}

// countTry counts a try before it is judged; ok is false when there is none left.
func (s store) countTry(ctx context.Context, l login) (ok bool, err error) {
	ok, err = s.write(ctx, table.Update(loginKey(l.key), table.Change{Add: map[string]int64{"tries": 1}},
		table.Exists(), table.CounterBelow("tries", codeTries)))
	if err != nil {
		return false, fmt.Errorf("counting a try: %w", err)
	}
	return ok, nil
}

// begin makes a session of a login, which is spent by it; ok is false when it was spent before.
func (s store) begin(ctx context.Context, l login, cookie string, x session) (ok bool, err error) {
	body, err := json.Marshal(x)
	if err != nil {
		return false, err
	}
	it := table.Item{Key: sessionKey(hash(cookie)), Kind: kindSession, Body: body, Expires: x.until()}
	ok, err = s.write(ctx, table.Delete(loginKey(l.key), table.Exists()), table.Put(it, table.Absent()))
	if err != nil {
		return false, fmt.Errorf("beginning a session: %w", err)
	}
	return ok, nil
}

// session reads the session of the browser with this cookie; ok is false when there is none.
func (s store) session(ctx context.Context, cookie string, now time.Time) (x session, ok bool, err error) {
	it, err := s.table.Get(ctx, sessionKey(hash(cookie)))
	if errors.Is(err, table.ErrNotFound) {
		return session{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal(it.Body, &x)
	}
	if err != nil {
		return session{}, false, fmt.Errorf("reading a session: %w", err)
	}
	return x, now.Before(x.until()), nil
}

// touch stores that a session was used. One that was ended in the meantime stays ended.
func (s store) touch(ctx context.Context, cookie string, x session) error {
	body, err := json.Marshal(x)
	if err != nil {
		return err
	}
	until := x.until()
	_, err = s.write(ctx, table.Update(sessionKey(hash(cookie)),
		table.Change{Body: body, Expires: &until}, table.Exists()))
	if err != nil {
		return fmt.Errorf("keeping a session: %w", err)
	}
	return nil
}

func (s store) end(ctx context.Context, cookie string) error {
	if cookie == "" {
		return nil
	}
	if _, err := s.write(ctx, table.Delete(sessionKey(hash(cookie)))); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// EnsureOffice makes the first desk user: service office and administration. Somebody who was ever
// known keeps the roles they have, also none.
func (s *Service) EnsureOffice(ctx context.Context, email string) error {
	address, err := mail.Address(email)
	if err != nil {
		return fmt.Errorf("the address of the service office: %w", err)
	}
	return s.store.change(ctx, hash(address), func(p *person, found bool) bool {
		p.Email, p.Name, p.Roles = address, "Servicestelle", []web.Role{{Code: "SVC"}, {Code: "ADM"}}
		return !found
	})
}

// Users lists everybody who can sign in, by name.
func (s *Service) Users(ctx context.Context) ([]web.User, error) {
	people, err := s.store.people(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]web.User, len(people))
	for i, p := range people {
		users[i] = *p.user()
	}
	return users, nil
}
