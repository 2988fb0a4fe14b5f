using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class FrameTests
{
    [Fact]
    public void Frame_WhenLongerThanTheLimit_IsRefusedByItsHeaderAlone()
    {
        // 268,435,455 bytes announced, none of them here.
        Assert.Equal(FrameStatus.TooLarge, Frame.TryRead([0x30, 0xFF, 0xFF, 0xFF, 0x7F], 1024, out _));
    }

    [Theory]
    [InlineData(7, FrameStatus.TooLarge)]
    [InlineData(8, FrameStatus.Complete)]
    public void Frame_AtTheLimit_CountsItsHeaderToo(int packetBytesMax, FrameStatus expected)
    {
        byte[] packet = [0x30, 6, 0, 1, (byte)'a', 1, 2, 3];
        Assert.Equal(expected, Frame.TryRead(packet, packetBytesMax, out _));
    }

    [Fact]
    public void Frame_OfTheLargestSize_IsWaitedForWithAKnownLength()
    {
        var status = Frame.TryRead([0x3D, 0xFF, 0xFF, 0xFF, 0x7F, 0], Frame.PacketBytesMax, out var header);
        Assert.Equal(FrameStatus.NeedMore, status);
        Assert.Equal(new FixedHeader(PacketType.Publish, 0b1101, 5, VariableInteger.Max), header);
        Assert.Equal(Frame.PacketBytesMax, header.TotalLength);
    }

    [Fact]
    public void Frame_WhenItsFirstByteIsWrong_IsRefusedWithoutWaitingForALength()
    {
        Assert.Equal(FrameStatus.Malformed, Frame.TryRead([0x80], Frame.PacketBytesMax, out _));
    }

    [Fact]
    public void Frame_WhenAnotherPacketFollows_EndsWhereItsOwnLengthSays()
    {
        Assert.Equal(FrameStatus.Complete, Frame.TryRead([0xC0, 0, 0x82, 0xFF], Frame.PacketBytesMax, out var header));
        Assert.Equal(new FixedHeader(PacketType.PingReq, 0, 2, 0), header);
    }
}
