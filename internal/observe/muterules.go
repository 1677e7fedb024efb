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
	aws    Mutes
	memory int64
	mu     sync.Mutex
	known  muteMemory
}

// NewMuteRules has read nothing yet. The rules take a part of so many bytes at most; 0 is without bound.
func NewMuteRules(aws Mutes, memory int64) *MuteRules { return &MuteRules{aws: aws, memory: memory} }

// Now reads the rules. They are not known where the permission is missing or the server has no mute rules, and nothing rests
// on them there; every other failure is an error. The caller bounds it.
func (m *MuteRules) Now(ctx context.Context, at time.Time) (rules []fleet.MuteRule, known bool, err error) {
	m.mu.Lock()
	before := m.known
	m.mu.Unlock()
	now, err := askMutes(ctx, m.aws, before, at, m.memory)
	m.mu.Lock()
	m.known = now
	m.mu.Unlock()
	if errors.Is(err, fleet.ErrNotOffered) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	rules, known = now.list(at, time.Minute)
	return rules, known, nil
}
