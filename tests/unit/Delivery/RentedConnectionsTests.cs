using IotPlatform.Delivery;
using IotPlatform.Sessions;

namespace IotPlatform.Unit.Tests.Delivery;

/// <summary>Connections that are walked in parts.</summary>
public sealed class RentedConnectionsTests
{
    [Fact]
    public void Connections_AreWalkedInParts_UntilAllArePassed()
    {
        using var connections = new RentedConnections(new MqttConnection[5]);
        var parts = new List<int>();
        while (!connections.IsPassed)
        {
            parts.Add(connections.Next(2).Length);
            connections.Pass(parts[^1]);
        }

        Assert.Equal([2, 2, 1], parts);
        Assert.Equal(5, connections.All.Length);
    }

    [Fact]
    public void Connections_PassedInPart_GoOnBehindThose()
    {
        using var connections = new RentedConnections(new MqttConnection[5]);
        connections.Pass(1);
        Assert.Equal(4, connections.Next(10).Length);
        Assert.False(connections.IsPassed);
    }

    [Fact]
    public void Connections_OfNobody_ArePassed()
    {
        using var connections = new RentedConnections([]);
        Assert.True(connections.IsPassed);
        Assert.True(connections.Next(1).IsEmpty);
    }

    // An array that went back to the pool twice would be rented to two at once.
    [Fact]
    public void Connections_DisposedOfTwice_GoBackOnce()
    {
        var connections = new RentedConnections(new MqttConnection[5]);
        connections.Dispose();
        connections.Dispose();

        using var first = new RentedConnections(new MqttConnection[5]);
        using var second = new RentedConnections(new MqttConnection[5]);
        Assert.False(first.All == second.All);
    }
}
