package iac

import (
	"strings"
	"testing"

	"github.com/sagemaker-async/exporter/internal/fleet"
)

// A schedule in each language; e2e/terraform reads the one for Terraform with the parser of Terraform.
func TestSchedule_isTheGolden(t *testing.T) {
	resource, zero, two := fleet.ResourceID("old-one", "v-2"), 0, 2
	s := Schedule{
		Scope: home, Target: fleet.Target{ResourceID: resource, MinCapacity: 0, MaxCapacity: 5}, Reasons: []string{"work begins\nat 8", "note: n"},
		Actions: []fleet.ScheduledAction{
			{ResourceID: resource, Name: "instances-ready", Schedule: "cron(0 8 ? * MON,TUE *)", Timezone: "UTC", MinCapacity: &two},
			{ResourceID: resource, Name: `it's "${odd}"`, Schedule: "cron(55 8 ? * MON,TUE *)", Timezone: "UTC", MinCapacity: &zero, MaxCapacity: &two},
		},
	}
	for format, name := range map[Format]string{Terraform: "schedule.tf", CloudFormation: "schedule.yaml", CLI: "schedule.sh"} {
		var page strings.Builder
		if err := s.Write(&page, format); err != nil {
			t.Fatal(err)
		}
		isGolden(t, name, page.String())
	}
	if err := s.Write(&strings.Builder{}, "pulumi"); err == nil || !strings.Contains(err.Error(), "write one of terraform") {
		t.Error(err)
	}
}
