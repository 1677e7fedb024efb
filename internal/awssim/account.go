package awssim

import (
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// The static credentials, which belong to the account of the first world.
const (
	staticKey    = "AKIASIMULATEDDEMO000"
	staticSecret = "simulated/signatures/are/not/verified/00"
)

// identity is who a request comes from.
type identity struct {
	account string
	arn     string
	id      string
}

// credential is the scope of a SigV4 signature.
type credential struct{ key, region, service string }

// credentialOf reads the Authorization header: AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request.
func credentialOf(r *http.Request) (credential, *failure) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return credential{}, fail("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	_, rest, found := strings.Cut(header, "Credential=")
	scope, _, _ := strings.Cut(rest, ",")
	parts := strings.Split(strings.TrimSpace(scope), "/")
	if !found || len(parts) != 5 {
		return credential{}, fail("IncompleteSignatureException", "Authorization header requires 'Credential' parameter.")
	}
	return credential{key: parts[0], region: parts[2], service: parts[3]}, nil
}

// identify tells whose an access key is. Any long-lived key is good: signatures are not verified either, and who tries
// the demo has credentials of some kind. Only a role's keys have to be those that were handed out.
func (s *Server) identify(key string) (identity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who, ok := s.keys[key]
	if !ok && !strings.HasPrefix(key, "ASIA") {
		who, ok = s.keys[staticKey]
	}
	return who, ok
}

// assume hands out the access key of a role. The same role and session always have the same key, so that runs repeat
// themselves.
func (s *Server) assume(account, role, session string) (key string, who identity) {
	sum := sha256.Sum256([]byte(account + "/" + role + "/" + session))
	name := base32.StdEncoding.EncodeToString(sum[:])
	who = identity{
		account: account,
		arn:     "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + session,
		id:      "AROA" + name[16:32] + ":" + session,
	}
	key = "ASIA" + name[:16]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[key] = who
	return key, who
}

// hasAccount tells whether a world stands in the account.
func (s *Server) hasAccount(account string) bool {
	return slices.ContainsFunc(s.scopes, func(scope fleet.Scope) bool { return scope.AccountID == account })
}
