//go:build e2e

package e2e

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/awssim"
	"github.com/sagemaker-async/exporter/internal/fleet"
	"github.com/sagemaker-async/exporter/internal/sim"
)

// What nobody may read, by what it is. The hash is of the password.
const (
	plantedKey      = "AKIAPLANTEDACCESSKEY"
	plantedSecret   = "planted/secret+access/key"
	plantedSession  = "plantedSessionToken=="
	plantedExternal = "planted-external-id"
	plantedIdentity = "planted.web.identity"
	plantedPassword = "planted open sesame"
	plantedHash     = "$2a$04$rvbxsU80tPcEGC4fPYtwxulFa5trM4PcEngRLHebkHSzBMXh1fTXO"
)

// guardedRole is the role that asks for the external id.
const guardedRole = "arn:aws:iam::111122223333:role/guarded"

// secretive is an account with planted secrets, and everything that the program has said about it.
type secretive struct {
	*testing.T
	aws                  *awssim.Server
	keys, token          []string // the environments: with static keys, and with a token of web identity
	config, broken, site string   // files
	said                 map[string]string
}

func TestSecrets_areNeverTold(t *testing.T) {
	t.Parallel()
	s := newSecretive(t)
	ends := []func(){s.serves("with keys", s.keys), s.serves("with a token", s.token)}
	s.aws.SetFault("*", awssim.Fault{Code: "InvalidSignatureException", Message: repeated})
	for _, end := range ends {
		end()
	}
	s.aws.SetFault("*", awssim.Fault{})
	for name, env := range map[string][]string{"keys": s.keys, "a token": s.token} {
		for _, args := range [][]string{
			{"plan"}, {"plan", "--json"}, {"explain", "endpoint-00001"}, {"explain", "endpoint-00001", "--json"}, {"apply", "endpoint-00002"}, {"apply", "--json", "endpoint-00003"},
		} {
			s.runs(name, env, append([]string{"--config.file=" + s.config}, args...)...)
		}
	}
	external := append([]string{"SAGEMAKER_ASYNC_EXPORTER_AWS_EXTERNAL_ID=" + plantedExternal}, s.keys...)
	for _, args := range [][]string{
		{"--help"},
		{"--version"},
		{"iam-policy", "--reconcile", "--reconcile.endpoints=.*"},
		{"check-config", s.config},
		{"check-config", s.broken},
		{"plan", "--no-such-flag"},
		{"plan", "--aws.role-arn=nobody", everyEndpoint},
		{"plan", everyEndpoint},
		{"plan", "--aws.role-arn=" + guardedRole, everyEndpoint},
		{"plan", "--aws.external-id=" + plantedExternal, everyEndpoint},
		{"serve", "--demo"},
		{"serve", "--web.config.file=" + s.site + ".none"},
	} {
		s.runs("from the environment", external, args...)
	}
	s.refuses()
	s.searches()
}

func newSecretive(t *testing.T) *secretive {
	t.Helper()
	s := &secretive{T: t, said: map[string]string{}}
	world := sim.Fleet(fleet.Scope{AccountID: "111122223333", Region: region}, time.Now().Add(-20*time.Minute), 5, 1)
	aws, err := awssim.Start(awssim.Options{Now: time.Now, ExternalIDs: map[string]string{guardedRole: plantedExternal}}, world)
	must(t, err)
	t.Cleanup(func() { _ = aws.Close() })
	s.aws = aws
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	scope := "scopes: [{region: " + region + ", roleARN: \"" + guardedRole + "\", externalID: " + plantedExternal + "}]\n"
	s.config = file("config.yml", scope+"policies: [{endpoints: \".*\"}]\n")
	s.broken = file("broken.yml", "scopes:\n  - {region: "+region+", externalID: "+plantedExternal+"}\n  - {region: "+region+", externalID: ["+plantedExternal+"]}\n"+
		"  - externalId: "+plantedExternal+"\n  - {region: "+region+", roleARN: nobody, externalID: "+plantedExternal+"}\n")
	s.site = file("web.yml", "basic_auth_users: {prometheus: "+plantedHash+"}\n")
	s.keys = append(aws.Env(), "AWS_ACCESS_KEY_ID="+plantedKey, "AWS_SECRET_ACCESS_KEY="+plantedSecret, "AWS_SESSION_TOKEN="+plantedSession)
	s.token = append(aws.Env(), "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=",
		// In the search for credentials the SDK heeds the variable of the service alone.
		"AWS_ENDPOINT_URL_STS="+aws.URL(), "AWS_WEB_IDENTITY_TOKEN_FILE="+file("token", plantedIdentity),
		"AWS_ROLE_ARN=arn:aws:iam::111122223333:role/pod", "AWS_ROLE_SESSION_NAME=pod")
	return s
}

func (s *secretive) runs(how string, env []string, args ...string) {
	s.Helper()
	got := commandIn(s.T, env, append([]string{"--log.level=debug"}, args...)...)
	s.said[fmt.Sprintf("%q %s", args, how)] = got.out + got.errors
}

// serves looks at every page in good times. The function that it returns does so when AWS repeats what it was sent, and
// ends the exporter.
func (s *secretive) serves(how string, env []string) (end func()) {
	s.Helper()
	config := filepath.Join(s.TempDir(), "config.yml")
	text, err := os.ReadFile(s.config)
	must(s.T, err)
	must(s.T, os.WriteFile(config, append(text, "polling: {queue: 10s, scaling: 10s, metrics: 10s, instances: 10s}\n"...), 0o600))
	e := begin(s.T, env, "--log.level=debug", "--config.file="+config, "--web.config.file="+s.site)
	password := "Basic " + base64.StdEncoding.EncodeToString([]byte("prometheus:"+plantedPassword))
	look := func(when string, header ...string) {
		for _, path := range []string{
			"/", "/metrics", "/status", "/status.css", "/status/111122223333/us-east-1/endpoint-00001", "/status/1/2/3", "/plan", "/plan?format=json", "/explain", "/explain?format=json", "/-/ready", "/-/healthy", "/nowhere",
		} {
			page, err := e.get(path, header...)
			s.said[path+" "+how+" "+when] = fmt.Sprint(page, err)
		}
	}
	e.eventually("ready", soon, func() error { _, err := e.get("/-/ready", "Authorization", password); return err })
	look("without a password")
	look("with a wrong one", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("prometheus:"+plantedPassword+"?")))
	look("in good times", "Authorization", password)
	if page, _ := e.get("/metrics", "Authorization", password); !strings.Contains(page, `sagemaker_async_endpoint_info{`) {
		s.Errorf("%s: it shows no endpoint: what it does not tell proves nothing", how)
	}
	return func() { s.repeats(how, e, config, password, look) }
}

func (s *secretive) repeats(how string, e *exporter, config, password string, look func(when string, header ...string)) {
	s.Helper()
	e.eventually("hearing what AWS repeats", soon, func() error {
		page, err := e.get("/status", "Authorization", password)
		if err == nil && !strings.Contains(page, "does not accept the signature") {
			err = fmt.Errorf("no error is shown")
		}
		return err
	})
	look("when AWS repeats", "Authorization", password)
	must(s.T, os.WriteFile(config, []byte("scopes: [{externalID: "+plantedExternal+", region: us-east-1}]\nx: "+plantedExternal+"\n"), 0o600))
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, e.url+"/-/reload", http.NoBody)
	must(s.T, err)
	request.Header.Set("Authorization", password)
	response, err := client.Do(request)
	must(s.T, err)
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusInternalServerError {
		s.Errorf("a bad file is reloaded with %s", response.Status)
	}
	s.said["a reload "+how] = string(body)
	must(s.T, e.stop())
	s.said["the log "+how] = e.log.String()
}

// repeated is how AWS repeats a request whose signature or parameters it does not like.
const repeated = "Value '" + plantedExternal + "' at 'externalId' and Value '" + plantedIdentity + "' at 'webIdentityToken' failed. Credential=" + plantedKey +
	"/20260302/us-east-1/sagemaker/aws4_request The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:" + plantedSession + "\n'"

// refuses asks AWS in vain: with a key that it does not know, and for a role that wants another external id.
func (s *secretive) refuses() {
	s.Helper()
	s.runs("with an unknown key", append(s.keys, "AWS_ACCESS_KEY_ID=ASIA"+strings.TrimPrefix(plantedKey, "AKIA")), "--config.file="+s.config, "plan")
	other, err := awssim.Start(awssim.Options{Now: time.Now, ExternalIDs: map[string]string{guardedRole: "another"}},
		sim.New(fleet.Scope{AccountID: "111122223333", Region: region}, time.Now(), 1))
	must(s.T, err)
	defer other.Close()
	s.runs("with a wrong external id", append(s.keys, "AWS_ENDPOINT_URL="+other.URL()), "--config.file="+s.config, "plan")
	if n := s.aws.Calls()["STS.AssumeRole"]; n == 0 {
		s.Error("no role was assumed with the external id")
	}
	if n := s.aws.Calls()["STS.AssumeRoleWithWebIdentity"]; n == 0 {
		s.Error("no role was assumed with the token")
	}
}

// searches looks for each secret in whatever was said, and first for what must be there.
func (s *secretive) searches() {
	s.Helper()
	all := &strings.Builder{}
	for _, said := range s.said {
		all.WriteString(said)
	}
	for _, told := range []string{"cannot assume role " + guardedRole, "endpoints found", "endpoint-00001", "AWS does not know the credentials", "does not accept the signature", "broken.yml:"} {
		if !strings.Contains(all.String(), told) {
			s.Errorf("%q is nowhere: nothing is proved", told)
		}
	}
	for name, secret := range map[string]string{
		"the access key": strings.TrimPrefix(plantedKey, "AKIA"), "the secret key": plantedSecret, "the session token": plantedSession, "the external id": plantedExternal,
		"the token of web identity": plantedIdentity, "the password": plantedPassword, "the password, encoded": base64.StdEncoding.EncodeToString([]byte("prometheus:" + plantedPassword)),
		"its hash": plantedHash, "a session token of a role": "simulated-session-token", "the secret key of a role": "simulated/signatures",
	} {
		for where, said := range s.said {
			if i := strings.Index(said, secret); i >= 0 {
				s.Errorf("%s: %s is told: %q", where, name, said[max(i-100, 0):min(i+len(secret)+20, len(said))])
			}
		}
	}
}
