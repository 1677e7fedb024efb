package browser

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the pictures of README")

// heaviest is the most that a picture of README may have.
const heaviest = 150_000

// The pictures show the demo as it is at the moment, so nobody compares them with those that are committed.
func TestPictures_areSmall(t *testing.T) {
	for name, picture := range map[string]struct {
		path   string
		height int64
	}{"status.png": {fleet, 1020}, "endpoint.png": {one, 1180}} {
		s := show(t, picture.path, look{width: 1280})
		s.do(chromedp.EmulateViewport(1280, picture.height))
		shot, err := png.Decode(bytes.NewReader(get(s, chromedp.CaptureScreenshot())))
		if err != nil {
			t.Fatal(err)
		}
		var small bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(shot)); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s has %d bytes", name, small.Len())
		if small.Len() > heaviest || small.Len() < heaviest/10 {
			t.Errorf("%s has %d bytes", name, small.Len())
		}
		if *update {
			if err := os.WriteFile(filepath.Join("../../docs/pictures", name), small.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// paletted is a picture in its 256 most frequent colours. A page has few, and shades of them at the edges of letters.
func paletted(picture image.Image) *image.Paletted {
	bounds := picture.Bounds()
	seen := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			seen[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(seen), func(a, b color.RGBA) int { return seen[b] - seen[a] })
	palette := color.Palette{}
	for _, colour := range colours[:min(len(colours), 256)] {
		palette = append(palette, colour)
	}
	result := image.NewPaletted(bounds, palette)
	draw.Draw(result, bounds, picture, bounds.Min, draw.Src)
	return result
}
