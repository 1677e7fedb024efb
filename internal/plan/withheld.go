package plan

import "github.com/sagemaker-async/exporter/internal/fleet"

// Reason is why a step is not carried out. The set is closed: reasons are label values.
type Reason string

// The reasons for withholding a step.
const (
	EndpointNotInService  Reason = "endpoint_not_in_service" // its status does not allow this write
	SourceFailed          Reason = "source_failed"           // what the step rests on was not read for this round
	TagsUnknown           Reason = "tags_unknown"            // the endpoint's tags decide, and nobody knows them
	Suspended             Reason = "suspended"               // somebody suspended scaling, and is at work there
	ScheduledActions      Reason = "scheduled_actions"       // they move the bounds of the capacity on purpose
	TargetRecentlyMissing Reason = "target_recently_missing" // AWS's update procedure takes the target away for a while
	MaxBelowRunning       Reason = "max_below_running"       // the write would stop instances
	NameTaken             Reason = "name_taken"              // the name belongs to something else
	TooManyActions        Reason = "too_many_actions"        // an alarm takes five
	Contested             Reason = "contested"               // somebody else keeps writing another value
	MaxSteps              Reason = "max_steps"               // the rest of a round that writes enough
	EarlierStepFailed     Reason = "earlier_step_failed"     // of the same variant
	WouldNotWake          Reason = "would_not_wake"          // with a minimum of 0 nothing would start the first instance
	ScaledOtherwise       Reason = "scaled_otherwise"        // something else scales the variant out or in
	Ambiguous             Reason = "ambiguous"               // two objects are equally near to what is missing
	ActionsDisabled       Reason = "actions_disabled"        // somebody disabled the actions of the alarm
	NothingToKeep         Reason = "nothing_to_keep"         // the entry keeps values that nobody remembers
	ChangedMeanwhile      Reason = "changed_meanwhile"       // somebody changed the object since the plan was made
	EntryError            Reason = "entry_error"             // the entry sets what the object cannot have
	ViewTooOld            Reason = "view_too_old"            // AWS answered so slowly that what was read first proves nothing
)

// Reasons lists the reasons for withholding a step.
func Reasons() []Reason {
	return []Reason{
		EndpointNotInService, SourceFailed, TagsUnknown, Suspended, ScheduledActions, TargetRecentlyMissing, MaxBelowRunning,
		NameTaken, TooManyActions, Contested, MaxSteps, EarlierStepFailed, WouldNotWake, ScaledOtherwise, Ambiguous,
		ActionsDisabled, NothingToKeep, ChangedMeanwhile, EntryError, ViewTooOld,
	}
}

// Of tells whether the line is about that step.
func (w Withheld) Of(step Step) bool {
	return w.ResourceID == step.ResourceID && w.Kind == step.Kind && w.Name == step.Name
}

// Same tells whether both steps are about the same object.
func (s Step) Same(other Step) bool {
	return s.ResourceID == other.ResourceID && s.Kind == other.Kind && s.Name == other.Name
}

// Withheld is a step, or a part of one, that is not carried out.
type Withheld struct {
	Scope      fleet.Scope
	ResourceID string
	Kind       Kind
	Name       string // of the policy or the alarm, as far as it is known; empty for a scalable target
	Reason     Reason
	Detail     string // for people
}
