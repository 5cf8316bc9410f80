package snapshot

import (
	"html"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
)

func TestMatchDescription(t *testing.T) {
	t.Parallel()
	const long = "before <the> \"upgrade\" to 8.0 & after  the move"
	for name, c := range map[string]struct {
		requested string
		shown     *string
		want      match
	}{
		"as requested":                     {long, new(long), matchExact},
		"white space at the ends":          {" backup ", new("backup"), matchExact},
		"neither has one":                  {"", nil, matchExact},
		"neither has more than a space":    {" ", new(""), matchExact},
		"escaped":                          {long, new(html.EscapeString(long)), matchRewritten},
		"escaped twice":                    {long, new(html.EscapeString(html.EscapeString(long))), matchRewritten},
		"escaped with other entities":      {`it's "it"`, new("it&apos;s &quot;it&quot;"), matchRewritten},
		"collapsed":                        {"a  weekly\n\tbackup", new("a weekly backup"), matchRewritten},
		"without its tags' brackets":       {"<weekly backup>", new("weekly backup"), matchRewritten},
		"in another case":                  {"Weekly Backup", new("weekly backup"), matchRewritten},
		"cut off":                          {long, new(long[:16]), matchRewritten},
		"cut off, with dots":               {long, new("before <the> \"upgr…"), matchRewritten},
		"escaped and cut off in an entity": {long, new("before &lt;the&gt; &q"), matchRewritten},
		"missing":                          {long, nil, matchRewritten},
		"empty":                            {long, new(""), matchRewritten},
		"cut off too short to tell":        {long, new("before"), matchUnclear},
		"with something added":             {"backup", new("backup (requested by the API)"), matchUnclear},
		"from Atlas, without a request":    {"", new("On-demand snapshot"), matchUnclear},
		"in another encoding":              {"für das Update", new("fÃ¼r das Update"), matchUnclear},
		"with question marks":              {"バックアップ", new("??????"), matchUnclear},
		"somebody else's":                  {long, new("somebody else's"), matchNone},
		"somebody else's, alike":           {"before the upgrade to 8.0", new("before the upgrade to 7.0"), matchNone},
		"a word that is another's ending":  {"upgrade of production", new("production"), matchNone},
	} {
		if got := matchDescription(c.requested, c.shown); got != c.want {
			t.Errorf("%s: %d, expected %d", name, got, c.want)
		}
	}
}

func TestMatchOf(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		description *string
		after       time.Duration
		want        match
	}{
		"as requested":                        {new("backup"), 7*day + 73*time.Second, matchExact},
		"a second short":                      {new("backup"), 7*day - time.Second, matchExact},
		"rounded up to a day":                 {new("backup"), 7*day + 22*time.Hour, matchRewritten},
		"rounded down to a day":               {new("backup"), 6*day + 2*time.Hour, matchRewritten},
		"raised to a month":                   {new("backup"), 30 * day, matchRewritten},
		"shorter":                             {new("backup"), 5 * day, matchNone},
		"shorter, without a description":      {nil, day, matchNone},
		"without a description":               {nil, 7 * day, matchRewritten},
		"without a description, rounded":      {nil, 7*day + 22*time.Hour, matchRewritten},
		"without a description, raised":       {nil, 30 * day, matchUnclear},
		"raised, with another description":    {new("quarterly"), 90 * day, matchNone},
		"with more of a description, rounded": {new("backup of Monday"), 7*day + 22*time.Hour, matchUnclear},
	} {
		s := expiring(c.after)
		s.Description = c.description
		if got := matchOf(atlas.TakeSnapshotRequest{Description: "backup", RetentionInDays: 7}, s); got != c.want {
			t.Errorf("%s: %d, expected %d", name, got, c.want)
		}
	}
	if got := matchOf(atlas.TakeSnapshotRequest{Description: "backup", RetentionInDays: 7}, &atlas.Snapshot{Description: new("backup")}); got != matchExact {
		t.Errorf("without an expiry: %d, expected %d", got, matchExact)
	}
}
