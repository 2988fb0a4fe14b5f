using IotPlatform.Mqtt.Codec;

namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class VariableIntegerTests
{
    // Table 1-1 of section 1.5.5.
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "FF7F")]
    [InlineData(16_384, "808001")]
    [InlineData(2_097_151, "FFFF7F")]
    [InlineData(2_097_152, "80808001")]
    [InlineData(268_435_455, "FFFFFF7F")]
    public void VariableInteger_AtTheEdgesOfTheTable_HasTheEncodingOfTheTable(int value, string hex)
    {
        var bytes = new byte[VariableInteger.BytesMax];
        var length = VariableInteger.Write(bytes, value);
        Assert.Equal(hex, Convert.ToHexString(bytes, 0, length));
        Assert.Equal(length, VariableInteger.Size(value));
        Assert.Equal(FrameStatus.Complete, VariableInteger.TryRead(bytes, out var read, out var readLength));
        Assert.Equal((value, length), (read, readLength));
    }

    [Theory]
    [InlineData("", FrameStatus.NeedMore)]
    [InlineData("80", FrameStatus.NeedMore)]
    [InlineData("FFFFFF", FrameStatus.NeedMore)]
    [InlineData("8000", FrameStatus.Malformed)]
    [InlineData("FF8000", FrameStatus.Malformed)]
    [InlineData("80808000", FrameStatus.Malformed)]
    [InlineData("FFFFFFFF", FrameStatus.Malformed)]
    public void VariableInteger_WhenCutOffOrNotMinimal_IsNotRead(string hex, FrameStatus expected)
        => Assert.Equal(expected, VariableInteger.TryRead(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData(-1)]
    [InlineData(VariableInteger.Max + 1)]
    public void VariableInteger_OutsideOf28Bits_CannotBeWritten(int value)
        => Assert.Throws<ArgumentOutOfRangeException>(() => VariableInteger.Size(value));
}
