package awsapi

import "regexp"

// What AWS and the SDK may say back of a request that they refuse. A refused signature comes with the whole text that was
// to be signed, the session token among it; a parameter that breaks a rule, with its value; a broken URL, with its password.
var secrets = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?is)\s*The (?:Canonical String for this request|String-to-Sign) should have been.*`), ""},
	{regexp.MustCompile(`(?i)\b(x-amz-security-token)\s*[:=]\s*[^\s,;&'"]+`), "$1: (hidden)"},
	{regexp.MustCompile(`(?i)\b(Credential|Signature)=[^\s,;&'"]+`), "$1=(hidden)"},
	{regexp.MustCompile(`(?is)\bValue '.*?' at '((?:externalId|webIdentityToken|sAMLAssertion|tokenCode|serialNumber)'|[^']*(?:secret|password|token)[^']*')`), "Value (hidden) at '$1"},
	{regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b`), "(access key)"},
	{regexp.MustCompile(`(://)[^/@\s` + "`" + `'"]+@`), "$1"},
}

// withoutSecrets is the text without what is nobody's business: errors are logged, and stand on pages.
func withoutSecrets(text string) string {
	for _, secret := range secrets {
		text = secret.pattern.ReplaceAllString(text, secret.instead)
	}
	return text
}
