using System.Net;
using IotPlatform.Transport.Limits;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>What counts as one address.</summary>
public sealed class AddressKeyTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    public void Addresses_OfOneSubscriber_AreOne(string one, string other) => Assert.Equal(KeyOf(one), KeyOf(other));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1")]
    [InlineData("0.0.0.0", "::")]
    [InlineData("127.0.0.1", "::1")]
    public void Addresses_OfDifferentSubscribers_AreNot(string one, string other) => Assert.NotEqual(KeyOf(one), KeyOf(other));

    private static AddressKey KeyOf(string address) => AddressKey.Of(IPAddress.Parse(address));
}
