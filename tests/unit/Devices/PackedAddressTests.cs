using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Devices;

public sealed class PackedAddressTests
{
    [Theory]
    [InlineData("192.168.1.2:65535")]
    [InlineData("255.255.255.255:1")]
    [InlineData("1.2.3.4:0")]
    [InlineData("0.0.0.0:1883")]
    [InlineData("10.1:1883")]
    [InlineData("010.1.2.3:1883")]
    [InlineData("10.1.2.3")]
    [InlineData("[2001:db8::1]:1883")]
    [InlineData("[::ffff:10.1.2.3]:1883")]
    [InlineData("a unix socket")]
    [InlineData("")]
    public void Address_OfAnyForm_IsShownAsItCame(string address) => Assert.Equal(address, new PackedAddress(address).ToString());
}
