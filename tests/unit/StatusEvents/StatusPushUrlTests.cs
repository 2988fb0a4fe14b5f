using IotPlatform.StatusEvents;

namespace IotPlatform.Unit.Tests.StatusEvents;

/// <summary>Which URLs are pushed to.</summary>
public sealed class StatusPushUrlTests
{
    private static readonly StatusPushOptions Closed = new();
    private static readonly StatusPushOptions Open = new() { AllowPrivateAddresses = true };

    [Theory]
    [InlineData("http://example.org")]
    [InlineData("HTTPS://EXAMPLE.ORG:8443/a/b?c=d&e=%20")]
    [InlineData("http://1.1.1.1/")]
    [InlineData("http://[2606:4700::1111]:80/")]
    [InlineData("http://localhost/")]
    public void Url_OfHttp_IsPushedTo(string url)
    {
        Assert.Null(StatusPushUrl.FindRefusal(url, Closed));
        Assert.Null(StatusPushUrl.FindRefusal(url, Open));
    }

    [Fact]
    public void Url_OfTheGreatestLength_IsPushedTo_AndNoLongerOne()
    {
        var url = "http://example.org/" + new string('x', 2_048 - "http://example.org/".Length);
        Assert.Null(StatusPushUrl.FindRefusal(url, Closed));
        Assert.NotNull(StatusPushUrl.FindRefusal(url + "x", Closed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.org")]
    [InlineData("//example.org/")]
    [InlineData("/a")]
    [InlineData("http:")]
    [InlineData("http://")]
    [InlineData("http:///a")]
    [InlineData("ftp://example.org/")]
    [InlineData("ws://example.org/")]
    [InlineData("file:///a")]
    [InlineData("http://a b/")]
    [InlineData("http://example.org:65536/")]
    [InlineData("http://user@example.org/")]
    [InlineData("http://user:password@example.org/")]
    [InlineData("http://example.org/#a")]
    public void Url_OfAnythingElse_IsRefused(string url) => Assert.Equal(RefusalCode.InvalidArgument, StatusPushUrl.FindRefusal(url, Open)?.Code);

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.0.0.1/")]
    [InlineData("http://0177.1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:10.0.0.1]/")]
    [InlineData("http://[fe80::1%251]/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    public void Address_ThatIsNotPublic_IsRefused_UnlessItIsAllowed(string url)
    {
        Assert.Equal(RefusalCode.InvalidArgument, StatusPushUrl.FindRefusal(url, Closed)?.Code);
        Assert.Null(StatusPushUrl.FindRefusal(url, Open));
    }
}
