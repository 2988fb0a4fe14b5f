using IotPlatform.Api.Rest;

namespace IotPlatform.Unit.Tests.Rest;

public sealed class PercentDecodingTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("%C3%BC", "ü")]
    [InlineData("a+b", "a+b")]
    public void PercentDecoding_OfAPart_DecodesOnce(string text, string expected)
    {
        Assert.True(PercentDecoding.TryDecode(text, out var decoded));
        Assert.Equal(expected, decoded);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("%FF")]
    [InlineData("%C3")]
    public void PercentDecoding_OfAMalformedPart_IsRefused(string text) => Assert.False(PercentDecoding.TryDecode(text, out _));
}
