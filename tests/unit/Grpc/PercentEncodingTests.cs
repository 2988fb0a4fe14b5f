using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class PercentEncodingTests
{
    [Theory]
    [InlineData("plain text, with ~ and !", "plain text, with ~ and !")]
    [InlineData("100%", "100%25")]
    [InlineData("line\r\nbreak", "line%0D%0Abreak")]
    [InlineData("Grüße", "Gr%C3%BC%C3%9Fe")]
    [InlineData("\u007F", "%7F")]
    [InlineData("\U0001F600", "%F0%9F%98%80")]
    public void PercentEncoding_OfText_IsAsTheSpecificationSays(string text, string encoded) => Assert.Equal(encoded, PercentEncoding.Encode(text));

    [Fact]
    public void PercentEncoding_OfALongMessage_FitsAHeaderBlock() => Assert.InRange(PercentEncoding.Encode(new string('ü', 100_000)).Length, 1, 8 * 1024);
}
