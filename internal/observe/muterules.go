package observe

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// MuteRules reads the alarm mute rules of a scope for who has to know them now. It remembers the rules, so that reading them
// again is one call (ListAlarmMuteRules) where none has changed. It may be used by several goroutines.
type MuteRules struct {
	aws   Mutes
	mu    sync.Mutex
	known muteMemory
}

// NewMuteRules has read nothing yet.
func NewMuteRules(aws Mutes) *MuteRules { return &MuteRules{aws: aws} }

// Now reads the rules. They are not known where the permission is missing or the server has no mute rules, and nothing rests
// on them there; every other failure is an error. The caller bounds it.
func (m *MuteRules) Now(ctx context.Context, at time.Time) (rules []fleet.MuteRule, known bool, err error) {
	m.mu.Lock()
	before := m.known
	m.mu.Unlock()
	now, err := askMutes(ctx, m.aws, before, at)
	if errors.Is(err, fleet.ErrNotOffered) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	m.known = now
	m.mu.Unlock()
	rules, known = now.list(at, time.Minute)
	return rules, known, nil
}
