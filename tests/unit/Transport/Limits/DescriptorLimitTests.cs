using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>No more connections than the system has files for.</summary>
public sealed class DescriptorLimitTests
{
    [Theory]
    [InlineData("Max open files            20000                524288               files     ", 19_488)]
    [InlineData("Max open files            600                  600                  files     ", 300)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             63432                63432                processes ", null)]
    public void Limit_IsTheSoftOne_LessWhatOthersNeed(string line, int? expected) =>
        Assert.Equal(expected, DescriptorLimit.Read(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Theory]
    [InlineData(null, 2, 2)]
    [InlineData(5, 2, 2)]
    [InlineData(3, 100, 3)]
    [InlineData(3, null, 3)]
    public void Door_LetsInWhatBothAllow(int? configured, int? descriptors, int expected)
    {
        using var instruments = new GatewayInstruments();
        var door = new Door(Options.Create(new GatewayOptions { Limits = { ConnectionsMax = configured } }), instruments, descriptors);
        Assert.Equal(expected, Enumerable.Range(0, 10).Count(_ => door.TryEnter()));
        door.Leave();
        Assert.True(door.TryEnter());
        Assert.False(door.TryEnter());
    }
}
