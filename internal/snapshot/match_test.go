package snapshot

import (
	"html"
	"testing"
	"time"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/atlas"
	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/operation"
)

func TestMatchDescription(t *testing.T) {
	t.Parallel()
	const long = "before <the> \"upgrade\" to 8.0 & after  the move"
	for name, c := range map[string]struct {
		requested string
		shown     *string
		want      operation.Match
	}{
		"as requested":                     {long, new(long), operation.MatchExact},
		"white space at the ends":          {" backup ", new("backup"), operation.MatchExact},
		"neither has one":                  {"", nil, operation.MatchExact},
		"neither has more than a space":    {" ", new(""), operation.MatchExact},
		"escaped":                          {long, new(html.EscapeString(long)), operation.MatchRewritten},
		"escaped twice":                    {long, new(html.EscapeString(html.EscapeString(long))), operation.MatchRewritten},
		"escaped with other entities":      {`it's "it"`, new("it&apos;s &quot;it&quot;"), operation.MatchRewritten},
		"collapsed":                        {"a  weekly\n\tbackup", new("a weekly backup"), operation.MatchRewritten},
		"without its tags' brackets":       {"<weekly backup>", new("weekly backup"), operation.MatchRewritten},
		"in another case":                  {"Weekly Backup", new("weekly backup"), operation.MatchRewritten},
		"cut off":                          {long, new(long[:16]), operation.MatchRewritten},
		"cut off, with dots":               {long, new("before <the> \"upgr…"), operation.MatchRewritten},
		"escaped and cut off in an entity": {long, new("before &lt;the&gt; &q"), operation.MatchRewritten},
		"missing":                          {long, nil, operation.MatchRewritten},
		"empty":                            {long, new(""), operation.MatchRewritten},
		"cut off too short to tell":        {long, new("before"), operation.MatchUnclear},
		"with something added":             {"backup", new("backup (requested by the API)"), operation.MatchUnclear},
		"from Atlas, without a request":    {"", new("On-demand snapshot"), operation.MatchUnclear},
		"in another encoding":              {"für das Update", new("fÃ¼r das Update"), operation.MatchUnclear},
		"with question marks":              {"バックアップ", new("??????"), operation.MatchUnclear},
		"somebody else's":                  {long, new("somebody else's"), operation.MatchNone},
		"somebody else's, alike":           {"before the upgrade to 8.0", new("before the upgrade to 7.0"), operation.MatchNone},
		"a word that is another's ending":  {"upgrade of production", new("production"), operation.MatchNone},
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
		want        operation.Match
	}{
		"as requested":                        {new("backup"), 7*day + 73*time.Second, operation.MatchExact},
		"a second short":                      {new("backup"), 7*day - time.Second, operation.MatchExact},
		"rounded up to a day":                 {new("backup"), 7*day + 22*time.Hour, operation.MatchRewritten},
		"rounded down to a day":               {new("backup"), 6*day + 2*time.Hour, operation.MatchRewritten},
		"raised to a month":                   {new("backup"), 30 * day, operation.MatchRewritten},
		"shorter":                             {new("backup"), 5 * day, operation.MatchNone},
		"shorter, without a description":      {nil, day, operation.MatchNone},
		"without a description":               {nil, 7 * day, operation.MatchRewritten},
		"without a description, rounded":      {nil, 7*day + 22*time.Hour, operation.MatchRewritten},
		"without a description, raised":       {nil, 30 * day, operation.MatchUnclear},
		"raised, with another description":    {new("quarterly"), 90 * day, operation.MatchNone},
		"with more of a description, rounded": {new("backup of Monday"), 7*day + 22*time.Hour, operation.MatchUnclear},
	} {
		s := expiring(c.after)
		s.Description = c.description
		if got := matchSnapshot(atlas.TakeSnapshotRequest{Description: "backup", RetentionInDays: 7}, s); got != c.want {
			t.Errorf("%s: %d, expected %d", name, got, c.want)
		}
	}
	if got := matchSnapshot(atlas.TakeSnapshotRequest{Description: "backup", RetentionInDays: 7}, &atlas.Snapshot{Description: new("backup")}); got != operation.MatchExact {
		t.Errorf("without an expiry: %d, expected %d", got, operation.MatchExact)
	}
}
