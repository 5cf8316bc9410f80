package provider

import "strings"

// logLevels are the variables with the log levels of the plugin libraries for this provider. If none is set they log everything,
// whatever Terraform's own level is.
var logLevels = []string{"TF_LOG_PROVIDER_ATLASBACKUP", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"}

// silenceLogs turns logging off unless a TF_LOG… variable of environment asks for it. Terraform discards unwanted logs only after
// the provider has encoded and Terraform parsed them, which is half the cost of a large plan.
func silenceLogs(environment []string, set func(name, value string) error) error {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		name = strings.ToUpper(name)
		asks := strings.HasPrefix(name, "TF_LOG") && !strings.HasPrefix(name, "TF_LOG_PATH")
		if asks && value != "" && !strings.EqualFold(value, "OFF") {
			return nil
		}
	}
	for _, name := range logLevels {
		if err := set(name, "OFF"); err != nil {
			return err
		}
	}
	return nil
}
