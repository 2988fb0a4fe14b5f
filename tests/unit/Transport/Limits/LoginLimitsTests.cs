using System.Net;
using IotPlatform.Devices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>How often clients may log in, and fail to.</summary>
public sealed class LoginLimitsTests : IDisposable
{
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.1"), 1000);
    private static readonly IPEndPoint There = new(IPAddress.Parse("192.0.2.2"), 1000);
    private static readonly DeviceId Device = new("p", "d");

    private readonly GatewayInstruments _instruments = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public void ConnectRate_InAll_IsSharedByEverybody()
    {
        var limits = With(new LimitOptions { ConnectsPerSecond = 1, ConnectsBurst = 3 });
        Assert.True(limits.TryConnect(Here) && limits.TryConnect(There) && limits.TryConnect(Here));
        Assert.False(limits.TryConnect(There));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limits.TryConnect(There));
    }

    // Else one address could use up what there is for all.
    [Fact]
    public void ConnectRate_OfAnAddress_ComesBeforeThatOfAll()
    {
        var limits = With(new LimitOptions { ConnectsPerSecond = 10, ConnectsPerSecondPerAddress = 2 });
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(i < 2, limits.TryConnect(Here));
        }

        Assert.True(limits.TryConnect(There));
    }

    [Fact]
    public void Failures_OfAnAddress_BanIt_UntilTimeForgives()
    {
        var limits = With(new LimitOptions { LoginFailuresPerAddressMax = 4, LoginFailureWindow = TimeSpan.FromMinutes(1) });
        for (var i = 0; i < 4; i++)
        {
            Assert.False(limits.IsBanned(Here, Device));
            limits.Failed(Here, null);
        }

        Assert.True(limits.IsBanned(Here, Device));
        Assert.False(limits.IsBanned(There, Device));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.False(limits.IsBanned(Here, Device));
    }

    [Fact]
    public void Failures_OfADevice_BanItFromEverywhere_WhereThatIsWanted()
    {
        var limits = With(new LimitOptions { LoginFailuresPerDeviceMax = 1 });
        limits.Failed(Here, Device);

        Assert.True(limits.IsBanned(There, Device));
        Assert.False(limits.IsBanned(There, Device with { DeviceName = "other" }));
    }

    [Fact]
    public void Failures_OfADevice_ByDefault_DoNotKeepItOut()
    {
        var limits = With(new LimitOptions());
        for (var i = 0; i < 1_000; i++)
        {
            limits.Failed(Here, Device);
        }

        Assert.True(limits.IsBanned(Here, Device));
        Assert.False(limits.IsBanned(There, Device));
    }

    private LoginLimits With(LimitOptions limits) => new(Options.Create(new GatewayOptions { Limits = limits }), _instruments, _time);
}
