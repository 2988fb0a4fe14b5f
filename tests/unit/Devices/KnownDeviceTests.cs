using IotPlatform.Devices;
using IotPlatform.Storage;

namespace IotPlatform.Unit.Tests.Devices;

public sealed class KnownDeviceTests
{
    private static readonly DeviceId Device = new("p", "d");
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData("0123456789ABCDEF0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("é123456789abcdef0123456789abcdef")]
    [InlineData("s3cret")]
    [InlineData("")]
    public void Secret_OfAnyForm_IsAsItWasRegistered(string secret)
    {
        foreach (var isEnabled in new[] { true, false })
        {
            var registration = new DeviceRegistration(Device, secret, isEnabled, Time);
            var known = KnownDevice.Of(registration)!;
            Assert.Equal(secret, known.Secret);
            Assert.Equal(isEnabled, known.IsEnabled);
            Assert.Equal(registration, known.ToRegistration(Device));
        }
    }

    [Fact]
    public void Secret_ThatWasDrawn_IsAsItWasRegistered()
    {
        var secret = DeviceSecret.Create();
        Assert.Equal(secret, KnownDevice.Of(new DeviceRegistration(Device, secret, IsEnabled: true, Time))!.Secret);
    }

    [Fact]
    public void Registration_ThatIsNone_IsNone() => Assert.Null(KnownDevice.Of(null));
}
