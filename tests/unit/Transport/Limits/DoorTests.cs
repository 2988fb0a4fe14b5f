using System.Net;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Limits;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Transport.Limits;

/// <summary>Who is let in.</summary>
public sealed class DoorTests : IDisposable
{
    private static readonly IPEndPoint Here = new(IPAddress.Parse("192.0.2.1"), 1000);
    private static readonly IPEndPoint HereToo = new(IPAddress.Parse("192.0.2.1"), 1001);
    private static readonly IPEndPoint There = new(IPAddress.Parse("192.0.2.2"), 1000);

    private readonly GatewayInstruments _instruments = new();

    public void Dispose() => _instruments.Dispose();

    [Fact]
    public void Connections_UpToTheMost_AreLetIn_AndOneMoreWhenOneLeaves()
    {
        var door = DoorWith(new LimitOptions { ConnectionsMax = 2 });
        Assert.True(Enter(door, Here) && Enter(door, There));
        Assert.False(Enter(door, Here));

        door.Leave(There);

        Assert.True(Enter(door, Here));
        Assert.False(Enter(door, There));
    }

    [Fact]
    public void Connections_OfOneAddress_AreCounted_AndItIsForgottenWithTheLast()
    {
        var door = DoorWith(new LimitOptions { ConnectionsPerAddressMax = 1 });
        Assert.True(Enter(door, Here) && Enter(door, There));
        Assert.False(Enter(door, HereToo));

        door.Leave(Here);

        Assert.Equal(1, door.Addresses);
        Assert.True(Enter(door, HereToo));
    }

    [Fact]
    public void Connection_RefusedForItsAddress_TakesNoPlace()
    {
        var door = DoorWith(new LimitOptions { ConnectionsMax = 2, ConnectionsPerAddressMax = 1 });
        Assert.True(Enter(door, Here));
        Assert.False(Enter(door, HereToo));
        Assert.False(Enter(door, HereToo));

        Assert.True(Enter(door, There));
    }

    [Fact]
    public void Unlimited_CountsNoAddresses()
    {
        var door = DoorWith(new LimitOptions { ConnectionsMax = null });
        for (var i = 0; i < 100; i++)
        {
            Assert.True(Enter(door, Here));
        }

        Assert.Equal(0, door.Addresses);
        door.Leave(Here);
    }

    [Fact]
    public async Task Everybody_WhoLeaves_LeavesNothingBehind()
    {
        var door = DoorWith(new LimitOptions { ConnectionsMax = 50, ConnectionsPerAddressMax = 7 });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            for (var j = 0; j < 10_000; j++)
            {
                var client = new IPEndPoint(new IPAddress([192, 0, 2, (byte)(j % 5)]), i);
                if (Enter(door, client))
                {
                    door.Leave(client);
                }
            }
        })));

        Assert.Equal(0, door.Addresses);
        Assert.Equal(7, Enumerable.Range(0, 10).Count(_ => Enter(door, Here)));
        Assert.Equal(43, Enumerable.Range(0, 100).Count(_ => door.TryEnter()));
    }

    private static bool Enter(Door door, IPEndPoint client) => door.TryEnter() && door.TryIntroduce(client);

    private Door DoorWith(LimitOptions limits) => new(Options.Create(new GatewayOptions { Limits = limits }), _instruments);
}
