package sim

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sagemaker-async/exporter/internal/autoscaling"
	"github.com/sagemaker-async/exporter/internal/fleet"
)

// ScalingPolicies lists the policies by resource id and name, with the alarms that belong to them or act on them.
func (w *World) ScalingPolicies() (list []fleet.Policy) {
	for _, id := range slices.Sorted(maps.Keys(w.targets)) {
		for _, policy := range w.targets[id].policies {
			list = append(list, w.listed(*policy))
		}
	}
	return list
}

// listed is the policy with the alarms that act on it, and those that were made for it, whatever became of them.
func (w *World) listed(p fleet.Policy) fleet.Policy {
	p.Alarms = append(slices.Clone(p.Alarms), w.acting[p.ARN]...)
	slices.Sort(p.Alarms)
	p.Alarms = slices.Compact(p.Alarms)
	return p
}

// PutScalingPolicy creates or replaces a policy by its name; the ARN stays. A tracking policy brings its alarms along.
func (w *World) PutScalingPolicy(p fleet.Policy) (stored fleet.Policy, err error) {
	t := w.targets[p.ResourceID]
	if t == nil {
		return fleet.Policy{}, &Error{"ObjectNotFoundException", "No scalable target registered for service namespace: sagemaker, resource ID: " +
			p.ResourceID + ", scalable dimension: " + fleet.VariantDimension}
	}
	if err := validPolicy(p); err != nil {
		return fleet.Policy{}, err
	}
	p.ARN, p.Created, p.Alarms = "arn:aws:autoscaling:"+w.scope.Region+":"+w.scope.AccountID+":scalingPolicy:"+w.id()+
		":resource/sagemaker/"+p.ResourceID+":policyName/"+p.Name, w.now, nil
	for _, other := range t.policies {
		if other.Name == p.Name {
			if other.Type != p.Type {
				return fleet.Policy{}, invalid("The type of a scaling policy cannot be changed.")
			}
			p.ARN, p.Created = other.ARN, other.Created
			continue
		}
		if p.Tracking != nil && other.Tracking != nil && sameMetric(*p.Tracking, *other.Tracking) {
			return fleet.Policy{}, invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
		}
	}
	t.policies = slices.DeleteFunc(t.policies, func(other *fleet.Policy) bool { return other.Name == p.Name })
	kept := p
	t.policies = append(t.policies, &kept)
	slices.SortFunc(t.policies, func(a, b *fleet.Policy) int { return cmp.Compare(a.Name, b.Name) })
	if p.Tracking != nil {
		if err := w.putTrackingAlarms(&kept); err != nil {
			return fleet.Policy{}, err
		}
	}
	return w.listed(kept), nil
}

func sameMetric(a, b fleet.Tracking) bool {
	switch {
	case a.Predefined != "" || b.Predefined != "":
		return a.Predefined == b.Predefined
	case a.Metric != nil && b.Metric != nil:
		return keyOf(*a.Metric) == keyOf(*b.Metric) && a.Statistic == b.Statistic
	}
	return false
}

// putTrackingAlarms makes the two alarms of a tracking policy, in place of those that there are. Nobody but AWS can tune them.
func (w *World) putTrackingAlarms(p *fleet.Policy) error {
	if err := w.DeleteAlarms(w.trackingAlarms(*p)); err != nil {
		return err
	}
	for _, a := range autoscaling.TrackingAlarms(p, w.id) {
		if err := w.PutMetricAlarm(a); err != nil {
			return err
		}
		p.Alarms = append(p.Alarms, a.Name)
	}
	return nil
}

// trackingAlarms are the alarms that were made for a tracking policy; others may act on it too.
func (w *World) trackingAlarms(p fleet.Policy) (names []string) {
	for _, name := range w.acting[p.ARN] {
		if strings.HasPrefix(name, fleet.TrackingAlarmPrefix+p.ResourceID+"-") {
			names = append(names, name)
		}
	}
	return names
}

// DeleteScalingPolicy deletes a policy; the alarms of a tracking policy go with it, those on a step policy stay.
func (w *World) DeleteScalingPolicy(resourceID, name string) error {
	t := w.targets[resourceID]
	if t == nil {
		return &Error{"ObjectNotFoundException", "No scaling policy found for resource ID: " + resourceID}
	}
	i := slices.IndexFunc(t.policies, func(p *fleet.Policy) bool { return p.Name == name })
	if i < 0 {
		return &Error{"ObjectNotFoundException", "No scaling policy found with name " + name}
	}
	if policy := t.policies[i]; policy.Tracking != nil {
		if err := w.DeleteAlarms(w.trackingAlarms(*policy)); err != nil {
			return err
		}
	}
	t.policies = slices.Delete(t.policies, i, i+1)
	return nil
}
