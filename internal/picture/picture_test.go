package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sagemaker-async/exporter/internal/sim"
)

// runs are two over so many minutes.
func runs(minutes int) []Run {
	list := []Run{{Name: "present"}, {Name: "proposed"}}
	for i := range minutes {
		list[0].Minutes = append(list[0].Minutes, sim.Minute{Backlog: i % 50, Instances: i / 30 % 3, Worst: time.Duration(i%40) * time.Minute})
		list[1].Minutes = append(list[1].Minutes, sim.Minute{Backlog: i % 20, Instances: i / 30 % 5, Worst: time.Duration(i%10) * time.Minute})
	}
	return list
}

func TestDraw_isAnSVGWithEveryPanelAndPolicy(t *testing.T) {
	for _, minutes := range []int{1, 2, 59, 600, 601, 15 * 24 * 60} {
		drawn, err := Draw(SVG, "the history of e <&>", runs(minutes))
		if err != nil {
			t.Fatalf("%d minutes: %v", minutes, err)
		}
		for decoder := xml.NewDecoder(bytes.NewReader(drawn)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%d minutes: %v", minutes, err)
			}
		}
		for _, want := range []string{"present", "proposed", panels[0].title, panels[1].title, panels[2].title, "the history of e"} {
			if !strings.Contains(string(drawn), want) {
				t.Errorf("%d minutes: no %q", minutes, want)
			}
		}
		if minutes > 1 && (!strings.Contains(string(drawn), "rgb(60,90,160)") || !strings.Contains(string(drawn), "rgb(225,120,0)")) {
			t.Errorf("%d minutes: the lines do not have their colours", minutes)
		}
		if len(drawn) > 300_000 {
			t.Errorf("%d minutes take %d bytes", minutes, len(drawn))
		}
	}
}

func TestDraw_isAPNG(t *testing.T) {
	drawn, err := Draw(PNG, "a title", runs(2000))
	if err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(drawn))
	if err != nil || image.Bounds().Dx() != width || image.Bounds().Dy() != titleHeight+3*panelHeight {
		t.Errorf("%v %v", image.Bounds(), err)
	}
}

func TestDraw_nothingIsAnError(t *testing.T) {
	if _, err := Draw(SVG, "", []Run{{Name: "present"}}); err == nil {
		t.Error("nothing was drawn without an error")
	}
}

func TestPoints_keepTheWorstOfTheirMinutes(t *testing.T) {
	minutes := []sim.Minute{{Backlog: 1, Instances: 1}, {Backlog: 9, Instances: 2}, {Backlog: 4, Instances: 6}}
	if got := panels[0].points(minutes, 2); len(got) != 2 || got[0] != 9 || got[1] != 4 {
		t.Errorf("backlog %v", got)
	}
	if got := panels[1].points(minutes, 2); got[0] != 1.5 || got[1] != 6 {
		t.Errorf("instances %v", got)
	}
}

func TestForm_isThatOfTheName(t *testing.T) {
	for file, want := range map[string]string{"a.svg": SVG, "b/c.PNG": PNG} {
		if got, err := Form(file); err != nil || got != want {
			t.Errorf("%s: %s, %v", file, got, err)
		}
	}
	if _, err := Form("a.pdf"); err == nil || err.Error() != `"a.pdf" ends neither in .svg nor in .png` {
		t.Errorf("got %v", err)
	}
}
