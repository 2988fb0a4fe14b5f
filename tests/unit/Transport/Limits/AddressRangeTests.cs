using System.Net;
using System.Net.Sockets;
using IotPlatform.Transport.Limits;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>Addresses and networks as they are written.</summary>
public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "::ffff:10.1.2.3")]
    [InlineData("10.1.0.0/16", "10.1.255.255")]
    [InlineData("10.1.0.0/16", "::ffff:10.1.0.0")]
    [InlineData("::ffff:10.1.0.0/112", "10.1.255.255")]
    [InlineData("::ffff:10.1.0.0/112", "::ffff:10.1.2.3")]
    [InlineData("0.0.0.0/0", "255.255.255.255")]
    [InlineData("10.1.2.3/32", "10.1.2.3")]
    [InlineData("2001:db8::1", "2001:db8:0:0::1")]
    [InlineData("2001:db8::/32", "2001:db8:ffff::9")]
    [InlineData("::/0", "2001:db8::1")]
    public void Range_ThatHasAnAddress_ContainsIt(string text, string address) => Assert.True(RangeOf(text).Contains(EndPointOf(address)));

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.4")]
    [InlineData("10.1.0.0/16", "10.2.0.0")]
    [InlineData("::ffff:10.1.0.0/112", "10.2.0.0")]
    [InlineData("10.1.2.3", "2001:db8::1")]
    [InlineData("0.0.0.0/0", "2001:db8::1")]
    [InlineData("2001:db8::/32", "2001:db9::")]
    [InlineData("2001:db8::1", "10.1.2.3")]
    [InlineData("::a01:203", "10.1.2.3")]
    public void Range_ThatHasNotAnAddress_DoesNotContainIt(string text, string address) => Assert.False(RangeOf(text).Contains(EndPointOf(address)));

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("10.1.2.3/32", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("10.1.0.0/16", "10.1.0.0/16")]
    [InlineData("::ffff:10.1.0.0/112", "10.1.0.0/16")]
    [InlineData("2001:DB8:0:0::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1/128", "2001:db8::1")]
    public void Range_HasOneText(string text, string expected) => Assert.Equal(expected, RangeOf(text).ToString());

    [Fact]
    public void Range_OfAddresses_ContainsNoOtherEndPoint() => Assert.False(RangeOf("0.0.0.0/0").Contains(new UnixDomainSocketEndPoint("/tmp/x")));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("somewhere")]
    [InlineData("10.1.2")]
    [InlineData("10")]
    [InlineData("0x0a010203")]
    [InlineData("010.1.2.3")]
    [InlineData("10.1.2.256")]
    [InlineData("10.1.2.3:1883")]
    [InlineData("10.1.2.3/33")]
    [InlineData("10.1.2.3/-1")]
    [InlineData("10.1.2.3/")]
    [InlineData("10.1/16")]
    [InlineData("10.1.2.3/16")]
    [InlineData("/16")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]:1883")]
    [InlineData("2001:db8::/129")]
    [InlineData("2001:db8:::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::ffff:10.1.0.0/111")]
    public void Text_ThatNamesNoRange_IsNone(string text) => Assert.False(AddressRange.TryParse(text, out _));

    private static AddressRange RangeOf(string text)
    {
        Assert.True(AddressRange.TryParse(text, out var range), text);
        return range;
    }

    private static IPEndPoint EndPointOf(string address) => new(IPAddress.Parse(address), 1883);
}
