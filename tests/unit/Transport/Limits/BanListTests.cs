using System.Net;
using IotPlatform.Devices;
using IotPlatform.Orders;
using IotPlatform.Transport.Limits;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>Who may not log in for a time.</summary>
public sealed class BanListTests
{
    private static readonly DeviceId Device = new("p", "d");
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.1"), 1000);
    private static readonly IPEndPoint There = new(IPAddress.Parse("192.0.2.2"), 1000);

    private readonly ManualTime _time = new();
    private readonly BanList _bans;

    public BanListTests() => _bans = new BanList(_time);

    [Fact]
    public void Nobody_IsBannedAtFirst()
    {
        Assert.False(_bans.IsBanned(Device));
        Assert.False(_bans.IsBanned(Here));
    }

    [Fact]
    public void Device_IsBannedUntilItsTimeIsUp_AndNoOther()
    {
        _bans.Set([BanOf(Device)]);
        Assert.True(_bans.IsBanned(Device));
        Assert.False(_bans.IsBanned(new DeviceId("p", "D")));
        Assert.False(_bans.IsBanned(new DeviceId("q", "d")));
        Assert.False(_bans.IsBanned(Here));
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.True(_bans.IsBanned(Device));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_bans.IsBanned(Device));
    }

    [Fact]
    public void Address_IsBannedUntilItsTimeIsUp_AndNoOther()
    {
        _bans.Set([BanOf("192.0.2.1")]);
        Assert.True(_bans.IsBanned(Here));
        Assert.False(_bans.IsBanned(There));
        Assert.False(_bans.IsBanned(Device));
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        Assert.True(_bans.IsBanned(Here));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(_bans.IsBanned(Here));
    }

    // The longer one counts, in whichever order they come.
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Address_InTwoBans_IsBannedUntilBothAreOver(int first, int second)
    {
        _bans.Set([BanOf("192.0.2.0/24", first), BanOf("192.0.2.1", second)]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(_bans.IsBanned(Here));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_bans.IsBanned(Here));
    }

    [Fact]
    public void Set_TakesThePlaceOfAllThatStoodBefore()
    {
        _bans.Set([BanOf(Device), BanOf("192.0.2.1")]);
        _bans.Set([BanOf("192.0.2.2")]);
        Assert.False(_bans.IsBanned(Device));
        Assert.False(_bans.IsBanned(Here));
        Assert.True(_bans.IsBanned(There));
        _bans.Set([]);
        Assert.False(_bans.IsBanned(There));
    }

    // A gateway of an earlier version must not ban everybody because it does not understand what it is told.
    [Fact]
    public void Network_ThatIsNone_BansNobody()
    {
        _bans.Set([BanOf("not a network")]);
        Assert.False(_bans.IsBanned(Here));
    }

    private Ban BanOf(DeviceId device) => new("b", device, null, "", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(1));

    private Ban BanOf(string network, int minutes = 1) => new("b", null, network, "", _time.GetUtcNow(), _time.GetUtcNow().AddMinutes(minutes));
}
