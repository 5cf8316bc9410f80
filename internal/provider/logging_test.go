package provider

import (
	"maps"
	"testing"
)

func TestSilenceLogs(t *testing.T) {
	t.Parallel()
	silent := map[string]string{
		"TF_LOG_PROVIDER_ATLASBACKUP": "OFF", "TF_LOG_SDK": "OFF", "TF_LOG_SDK_PROTO": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF",
	}
	for name, c := range map[string]struct {
		environment []string
		want        map[string]string
	}{
		"nobody asks":             {[]string{"HOME=/root", "TF_CLI_CONFIG_FILE=x"}, silent},
		"an empty variable":       {[]string{"TF_LOG="}, silent},
		"TF_LOG=off":              {[]string{"TF_LOG=off"}, silent},
		"a path and no level":     {[]string{"TF_LOG_PATH=log"}, silent},
		"TF_LOG":                  {[]string{"TF_LOG=info"}, map[string]string{}},
		"TF_LOG_PROVIDER":         {[]string{"TF_LOG_PROVIDER=DEBUG"}, map[string]string{}},
		"TF_LOG_SDK_FRAMEWORK":    {[]string{"TF_LOG_SDK_FRAMEWORK=TRACE"}, map[string]string{}},
		"TF_LOG_CORE, a neighbor": {[]string{"TF_LOG_CORE=TRACE"}, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			set := func(name, value string) error {
				got[name] = value
				return nil
			}
			if err := silenceLogs(c.environment, set); err != nil || !maps.Equal(got, c.want) {
				t.Errorf("it sets %v (%v), expected %v", got, err, c.want)
			}
		})
	}
}
