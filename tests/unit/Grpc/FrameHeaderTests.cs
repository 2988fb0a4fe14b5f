using System.Buffers;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class FrameHeaderTests
{
    [Fact]
    public void FrameHeader_OverSegmentsOfOneByte_ReadsTheSame()
    {
        byte[] bytes = [1, 0x01, 0x02, 0x03, 0x04, 0xFF];

        Assert.True(FrameHeader.TryRead(Segments(bytes), out var header));

        Assert.Equal(new FrameHeader(1, 0x01020304), header);
    }

    [Fact]
    public void FrameHeader_OfLessThanFiveBytes_AsksForMore()
    {
        for (var length = 0; length < FrameHeader.Size; length++)
        {
            Assert.False(FrameHeader.TryRead(new ReadOnlySequence<byte>(new byte[length]), out _));
        }
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1, 1u)]
    [InlineData(0, uint.MaxValue)]
    public void FrameHeader_Written_ReadsBack(byte flag, uint length)
    {
        var output = new ArrayBufferWriter<byte>();
        new FrameHeader(flag, length).WriteTo(output);

        Assert.Equal(FrameHeader.Size, output.WrittenCount);
        Assert.True(FrameHeader.TryRead(new ReadOnlySequence<byte>(output.WrittenMemory), out var header));
        Assert.Equal(new FrameHeader(flag, length), header);
    }

    private static ReadOnlySequence<byte> Segments(byte[] bytes)
    {
        var first = new Segment(bytes.AsMemory(0, 1), null);
        var last = first;
        for (var i = 1; i < bytes.Length; i++)
        {
            last = new Segment(bytes.AsMemory(i, 1), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, 1);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
