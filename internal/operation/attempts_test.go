package operation

import (
	"errors"
	"testing"
	"time"
)

// requestedAt is when the requests of these tests were sent.
var requestedAt = time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)

// TestAttempts_mayAskAgain is about the time in which a second request does no harm.
func TestAttempts_mayAskAgain(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	at := func(after time.Duration) time.Time { return sent.Add(after) }
	lost := errors.New("lost")
	once := (attempts{restart: true, busyFor: 90 * time.Second}).afterLostAnswer(sent, sent, sent, lost)
	for name, c := range map[string]struct {
		attempts attempts
		after    time.Duration
		looks    int
		want     bool
	}{
		"the list was read too soon":                      {once, 44 * time.Second, 9, false},
		"the list was read too seldom":                    {once, 50 * time.Second, 2, false},
		"Atlas would be busy with what the list hides":    {once, 50 * time.Second, 3, true},
		"it may be done with what the list hides":         {once, 91 * time.Second, 9, false},
		"the list does not lag that much":                 {once, 15 * time.Minute, 3, true},
		"a second one is lost":                            {once.afterLostAnswer(at(45*time.Second), at(45*time.Second), at(45*time.Second), lost), 54 * time.Second, 3, true},
		"a second one is lost, later":                     {once.afterLostAnswer(at(45*time.Second), at(45*time.Second), at(105*time.Second), lost), 110 * time.Second, 3, false},
		"the list has not shown the second one for long":  {once.afterLostAnswer(at(time.Minute), at(time.Minute), at(time.Minute), lost), 15 * time.Minute, 9, false},
		"Atlas is busy with an unknown one":               {once.afterRefusal(at(45 * time.Second)), time.Hour, 9, false},
		"it is busy with somebody else's":                 {once.afterRefusal(at(45*time.Second)).explainedByOther(at(time.Minute), true), time.Minute, 1, true},
		"it was busy with somebody else's":                {once.explainedByOther(at(5*time.Second), false), 20 * time.Second, 3, false},
		"it was busy with somebody else's, minutes later": {once.explainedByOther(at(5*time.Minute), true), 5 * time.Minute, 9, false},
	} {
		if got := c.attempts.canRestart(at(c.after), at(c.after), c.looks); got != c.want {
			t.Errorf("%s: %t, expected %t", name, got, c.want)
		}
	}
	if once.canRestart(at(40*time.Second), at(50*time.Second), 9) || once.canRestart(at(50*time.Second), at(time.Hour), 9) {
		t.Error("a list from before the machine slept says what is there afterwards")
	}
}

// TestAttempts_mayBeOlder is about somebody else's snapshot that the list did not show before the request.
func TestAttempts_mayBeOlder(t *testing.T) {
	t.Parallel()
	asked := (attempts{restart: true, busyFor: 90 * time.Second}).afterLostAnswer(requestedAt, requestedAt, requestedAt, errors.New("lost"))
	for after, want := range map[time.Duration]bool{
		time.Hour: false, time.Minute: false, 0: false, -10 * time.Second: false, -11 * time.Second: true, -15 * time.Minute: true,
		-16 * time.Minute: false, -3 * time.Hour: false,
	} {
		at := requestedAt.Add(after)
		if got := asked.mayBeOlder(at); got != want {
			t.Errorf("requested %s after the request: %t, expected %t", after, got, want)
		}
	}
}

// TestAttempts_mayTake leaves a second request no more time than Atlas is sure to refuse it in.
func TestAttempts_mayTake(t *testing.T) {
	t.Parallel()
	none := attempts{restart: true, busyFor: 90 * time.Second}
	once := none.afterLostAnswer(requestedAt, requestedAt, requestedAt, errors.New("lost"))
	if left := none.resendTimeout(requestedAt); left != 0 {
		t.Errorf("the first request has %s, expected no bound", left)
	}
	for after, want := range map[time.Duration]time.Duration{50 * time.Second: 40 * time.Second, 20 * time.Minute: 0} {
		if left := once.resendTimeout(requestedAt.Add(after)); left != want {
			t.Errorf("after %s there are %s left, expected %s", after, left, want)
		}
	}
}

func TestAttempts_maybeTwice(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 30, 12, 0, 0, 0, time.UTC)
	none := attempts{restart: true, busyFor: 90 * time.Second}
	once := none.afterLostAnswer(now, now, now, errors.New("lost"))
	twice := once.afterLostAnswer(now, now, now, errors.New("lost"))
	for name, c := range map[string]struct {
		attempts attempts
		answered bool
		want     bool
	}{
		"answered at once":               {none, true, false},
		"found after a loss":             {once, false, false},
		"found after a loss and refusal": {once.afterRefusal(now), false, false},
		"answered after a loss":          {once, true, true},
		"found after two losses":         {twice, false, true},
	} {
		if got := c.attempts.mayHaveRunTwice(c.answered); got != c.want {
			t.Errorf("%s: %t, expected %t", name, got, c.want)
		}
	}
}
