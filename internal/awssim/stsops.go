package awssim

import (
	"strings"
	"time"
)

var stsOperations = map[string]operation{
	"AssumeRole":                assumeRole,
	"AssumeRoleWithWebIdentity": assumeRoleWithWebIdentity,
	"GetCallerIdentity":         getCallerIdentity,
}

// unsigned are the operations of STS by which somebody without credentials gets some.
var unsigned = map[string]bool{"AssumeRoleWithWebIdentity": true}

func getCallerIdentity(c *call) (record, error) {
	return record{{"Arn", c.caller.arn}, {"UserId", c.caller.id}, {"Account", c.caller.account}}, nil
}

// assumeRole hands out credentials for any role of an account that has a world, if the external id is the role's.
func assumeRole(c *call) (record, error) {
	wanted, err := c.role()
	if err != nil {
		return nil, err
	}
	id, guarded := c.server.externalIDs[wanted.arn]
	if !c.server.hasAccount(wanted.account) || guarded && c.in.text("ExternalId") != id {
		return nil, fail("AccessDeniedException", "User: "+c.caller.arn+" is not authorized to perform: sts:AssumeRole on resource: "+wanted.arn)
	}
	return c.handOut(wanted), nil
}

// assumeRoleWithWebIdentity does the same for the bearer of any token: who issued it is not verified, no more than
// signatures are.
func assumeRoleWithWebIdentity(c *call) (record, error) {
	wanted, err := c.role()
	if err != nil {
		return nil, err
	}
	if c.in.text("WebIdentityToken") == "" {
		return nil, isNull("webIdentityToken")
	}
	if !c.server.hasAccount(wanted.account) {
		return nil, fail("AccessDeniedException", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	}
	return c.handOut(wanted), nil
}

// role is what the input of both operations asks for.
type role struct{ arn, account, name, session string }

func (c *call) role() (role, error) {
	arn, session := c.in.text("RoleArn"), c.in.text("RoleSessionName")
	// arn:aws:iam::111122223333:role/name
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return role{}, fail("ValidationException", arn+" is invalid")
	}
	if session == "" {
		return role{}, isNull("roleSessionName")
	}
	name := parts[5][strings.LastIndexByte(parts[5], '/')+1:] // a role's path is not part of the assumed role
	return role{arn: arn, account: parts[4], name: name, session: session}, nil
}

// handOut makes credentials. They last on the real clock, not on the model's: it is the client that compares their end
// with its own clock.
func (c *call) handOut(wanted role) record {
	lifetime := time.Hour
	if c.in.has("DurationSeconds") {
		lifetime = *c.in.seconds("DurationSeconds")
	}
	key, who := c.server.assume(wanted.account, wanted.name, wanted.session)
	return record{
		{"Credentials", record{
			{"AccessKeyId", key},
			{"SecretAccessKey", staticSecret},
			{"SessionToken", "simulated-session-token-of-" + key},
			{"Expiration", time.Now().Add(lifetime)},
		}},
		{"AssumedRoleUser", record{{"AssumedRoleId", who.id}, {"Arn", who.arn}}},
	}
}
