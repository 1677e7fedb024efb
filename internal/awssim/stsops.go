package awssim

import (
	"strings"
	"time"
)

var stsOperations = map[string]operation{
	"AssumeRole":        assumeRole,
	"GetCallerIdentity": getCallerIdentity,
}

func getCallerIdentity(c *call) (record, error) {
	return record{{"Arn", c.caller.arn}, {"UserId", c.caller.id}, {"Account", c.caller.account}}, nil
}

// assumeRole hands out credentials for any role of an account that has a world. They last on the real clock, not on
// the model's: it is the client that compares their end with its own clock.
func assumeRole(c *call) (record, error) {
	arn, session := c.in.text("RoleArn"), c.in.text("RoleSessionName")
	// arn:aws:iam::111122223333:role/name
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") {
		return nil, fail("ValidationException", arn+" is invalid")
	}
	if session == "" {
		return nil, fail("ValidationException", "1 validation error detected: Value null at 'roleSessionName' failed to "+
			"satisfy constraint: Member must not be null")
	}
	if !c.server.hasAccount(parts[4]) {
		return nil, fail("AccessDeniedException", "User: "+c.caller.arn+" is not authorized to perform: sts:AssumeRole on resource: "+arn)
	}
	lifetime := time.Hour
	if c.in.has("DurationSeconds") {
		lifetime = *c.in.seconds("DurationSeconds")
	}
	role := parts[5][strings.LastIndexByte(parts[5], '/')+1:] // a role's path is not part of the assumed role
	key, who := c.server.assume(parts[4], role, session)
	return record{
		{"Credentials", record{
			{"AccessKeyId", key},
			{"SecretAccessKey", staticSecret},
			{"SessionToken", "simulated-session-token-of-" + key},
			{"Expiration", time.Now().Add(lifetime)},
		}},
		{"AssumedRoleUser", record{{"AssumedRoleId", who.id}, {"Arn", who.arn}}},
	}, nil
}
