using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.Mqtt.Tests.Codec;

public sealed class Utf8TextTests
{
    [Theory]
    [InlineData("41E289A2CE912E", true)] // Section 1.5.4 of the RFC's own example.
    [InlineData("F0AA9B94", true)] // U+2A6D4, the example of figure 1-2.
    [InlineData("EFBBBF41", true)] // [MQTT-1.5.4-3]
    [InlineData("EFBFBF", true)] // U+FFFF is discouraged, not forbidden.
    [InlineData("017F", true)] // Control characters are discouraged, not forbidden.
    [InlineData("00", false)]
    [InlineData("4100", false)]
    [InlineData("EDA080", false)]
    [InlineData("EDBFBF", false)]
    [InlineData("C080", false)]
    [InlineData("E08080", false)]
    [InlineData("F4908080", false)]
    [InlineData("80", false)]
    [InlineData("F0AA9B", false)]
    public void Text_OfTheseBytes_IsValidAsTheStandardSays(string hex, bool expected)
        => Assert.Equal(expected, Utf8Text.IsValid(Convert.FromHexString(hex)));

    [Fact]
    public void Text_ThatCannotBeExpressed_IsNotWritten()
    {
        // Not inline data: a lone surrogate does not survive the way to the test runner.
        foreach (var text in (string[])["a\0b", "\uD800", "\uDC00\uD800"])
        {
            Assert.ThrowsAny<ArgumentException>(() => new ConnectPacket { ClientId = text }.ToArray(ProtocolVersion.Mqtt500));
        }
    }

    [Fact]
    public void Text_LongerThanItsLengthFieldHolds_IsNotWritten()
    {
        Assert.Equal(65_535, Utf8Text.Size(new string('a', 65_535)));
        Assert.Throws<ArgumentException>(() => Utf8Text.Size(new string('a', 65_536)));
    }
}
