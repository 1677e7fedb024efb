package collector

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"sync"
)

// page is text that stands ready, as the beginning of a gzip member (RFC 1952). Some clients read the first member of an
// answer alone, so what follows the page has to be in the same one: the page ends with a whole block, and its length and
// checksum are kept to be continued.
//
// It is held packed alone. That is a thirtieth of the text, which at 5,000 endpoints would be most of the memory, and
// unpacking it for a client that does not take gzip is faster than Prometheus can read.
type page struct {
	begin []byte // header and blocks
	size  int    // of the text
	sum   uint32 // CRC-32 of the text
}

// gzipHeader says that a member follows that is made by deflate, and nothing else of it.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// packers and unpackers are kept, because each has many tables: a megabyte to pack, forty kilobytes to unpack.
var (
	packers = sync.Pool{New: func() any {
		packer, _ := flate.NewWriter(nil, flate.BestSpeed) // a level that exists
		return packer
	}}
	unpackers = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

// packed is the page of what is written.
func packed(write func(io.Writer)) *page {
	var begin bytes.Buffer
	begin.WriteString(gzipHeader)
	packer := packers.Get().(*flate.Writer)
	defer packers.Put(packer)
	packer.Reset(&begin)
	text := measured{out: packer}
	write(&text)
	_ = packer.Flush()                                                              // memory takes every byte
	return &page{begin: bytes.Clone(begin.Bytes()), size: text.size, sum: text.sum} // cloned to its true size
}

// end is how the member ends when the rest follows the page.
func (p *page) end(rest []byte) []byte {
	var end bytes.Buffer
	packer := packers.Get().(*flate.Writer)
	defer packers.Put(packer)
	packer.Reset(&end)
	text := measured{out: packer, size: p.size, sum: p.sum}
	_, _ = text.Write(rest)
	_ = packer.Close()
	trailer := binary.LittleEndian.AppendUint32(end.Bytes(), text.sum)
	return binary.LittleEndian.AppendUint32(trailer, uint32(text.size)) // modulo 2^32, as the RFC wants it
}

// send writes the page as it stands, packed.
func (p *page) send(out io.Writer) error {
	_, err := out.Write(p.begin)
	return err
}

// unpack writes the text of the page.
func (p *page) unpack(out io.Writer) error {
	unpacker := unpackers.Get().(io.ReadCloser)
	defer unpackers.Put(unpacker)
	blocks := bytes.NewReader(p.begin[len(gzipHeader):])
	if err := unpacker.(flate.Resetter).Reset(blocks, nil); err != nil {
		return err
	}
	_, err := io.CopyN(out, unpacker, int64(p.size)) // not to its end: there is none
	return err
}

// measured passes text on and keeps its length and checksum.
type measured struct {
	out  io.Writer
	size int
	sum  uint32
}

func (m *measured) Write(text []byte) (int, error) {
	m.size += len(text)
	m.sum = crc32.Update(m.sum, crc32.IEEETable, text)
	return m.out.Write(text)
}
