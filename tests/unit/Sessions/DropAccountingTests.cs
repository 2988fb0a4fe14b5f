using IotPlatform.Broadcasts;
using IotPlatform.Delivery;
using IotPlatform.Mqtt;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Every message for every receiver is accounted for: what was to be sent = what was sent + what was dropped, for each client and for all.</summary>
public sealed class DropAccountingTests : IAsyncDisposable
{
    private const int Clients = 24;
    private const int Publishes = 400;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    private readonly Edge _edge = new(followsSessions: false);
    private readonly InstrumentSum _sent;
    private readonly InstrumentSum _dropped;

    public DropAccountingTests()
    {
        _sent = new InstrumentSum(_edge.Instruments, "iot.gateway.publishes.sent");
        _dropped = new InstrumentSum(_edge.Instruments, "iot.gateway.publishes.dropped");
    }

    public async ValueTask DisposeAsync()
    {
        _sent.Dispose();
        _dropped.Dispose();
        await _edge.DisposeAsync();
    }

    [Theory]
    [InlineData(1, QueueFullAction.DropNewest)]
    [InlineData(2, QueueFullAction.DropOldest)]
    [InlineData(0, QueueFullAction.DropOldest)]
    public async Task WhatWasToBeSent_IsWhatWasSent_AndWhatWasDropped(int seed, QueueFullAction queueFull)
    {
        seed = seed == 0 ? Random.Shared.Next() : seed;
        var random = new Random(seed);
        _edge.Settings.Session.QueuedMessagesMax = 5;
        _edge.Settings.Session.QueueFull = queueFull;
        var clients = new List<EdgeClient>();
        for (var i = 0; i < Clients; i++)
        {
            var client = await EdgeClient.ConnectAsync(
                _edge, $"c{i}", i % 3 == 0 ? ProtocolVersion.Mqtt311 : ProtocolVersion.Mqtt500, receiveMaximum: 3, maximumPacketSize: i % 5 == 0 ? 60u : null);
            await client.SubscribeAsync("t", (QoS)(i % 3));
            clients.Add(client);
        }

        var publisher = await EdgeClient.ConnectAsync(_edge, "p");
        var awaited = 0;
        for (var i = 0; i < Publishes; i++)
        {
            var client = clients[random.Next(Clients)];
            switch (random.Next(6))
            {
                case 0:
                    client.Outcome = SendOutcome.Full;
                    break;
                case 1:
                    client.Outcome = SendOutcome.Sent;
                    break;
                case 2 when client.Messages.LastOrDefault(static message => message.QoS == QoS.AtLeastOnce) is { } message && !client.IsClosed:
                    client.Acknowledge(message);
                    break;
                case 3:
                    client.IsBacklogged = !client.IsBacklogged;
                    break;
                case 4:
                    _edge.Time.Advance(TimeSpan.FromMilliseconds(700));
                    break;
            }

            // Message Expiry Interval of a second.
            byte[] expires = random.Next(3) == 0 ? [0x02, 0, 0, 0, 1] : [];
            var qos = (QoS)random.Next(2);
            awaited += qos == QoS.AtMostOnce ? 0 : 1;
            publisher.Publish("t", new string('x', random.Next(4) == 0 ? 100 : 3), qos, properties: expires);
            if (awaited % 50 == 0)
            {
                // No more than it may have unacknowledged. The clock may have run ahead of a call that is then tried again, later.
                await _edge.Time.AdvanceUntilAsync(Retry, () => publisher.Acknowledgements.Length == awaited, $"PUBACKs, seed {seed}");
            }
        }

        await _edge.Time.AdvanceUntilAsync(Retry, () => publisher.Acknowledgements.Length == awaited && !publisher.IsPaused, $"every publish is done, seed {seed}");
        var (sent, dropped) = (0L, 0L);
        foreach (var client in clients)
        {
            var (sentToIt, droppedOfIt, waiting) = CountsOf(client);
            Assert.True(sentToIt + droppedOfIt + waiting == Publishes, $"{client.Owner.ClientId}: {sentToIt} sent, {droppedOfIt} dropped, {waiting} wait; seed {seed}");
            Assert.Equal(client.MessageCount, sentToIt);
            (sent, dropped) = (sent + sentToIt, dropped + droppedOfIt);
        }

        Assert.Equal((sent, dropped), (_sent.Value, _dropped.Value));

        // Those that have overflowed are closed, and their connections gone with the others.
        foreach (var client in clients)
        {
            client.Abort();
        }

        await Patience.UntilAsync(() => _edge.Sessions.Count == 1, $"the sessions have ended, seed {seed}");
        Assert.True(_sent.Value + _dropped.Value == (long)Clients * Publishes, $"{_sent.Value} sent, {_dropped.Value} dropped of {Clients * Publishes}; seed {seed}");
        Assert.True(_sent.Value > 0 && _dropped.Value > 0);
    }

    [Fact]
    public async Task Broadcast_IsCountedForEachClient()
    {
        var taking = await EdgeClient.ConnectAsync(_edge, "a");
        var stalled = await EdgeClient.ConnectAsync(_edge, "b");
        stalled.Outcome = SendOutcome.Full;

        var tallies = await _edge.Shards.ShardOf(taking.Id).BroadcastAsync(
            new BroadcastBatch([new BroadcastMessage(1, "anonymous", null, 0, "x"u8.ToArray()), new BroadcastMessage(2, "anonymous", null, 0, "y"u8.ToArray())]));

        Assert.Equal((4, 2, 2), (tallies.Tallies.Sum(static t => t.Targeted), tallies.Tallies.Sum(static t => t.Written), tallies.Tallies.Sum(static t => t.Dropped)));
        Assert.Equal((2, 0, 0), CountsOf(taking));
        Assert.Equal((0, 2, 0), CountsOf(stalled));
        Assert.Equal(DropReason.Slow, Assert.Single(stalled.Owner.ToView()!.Traffic.Dropped).Reason);
        Assert.Equal((2L, 2L), (_sent.Value, _dropped.Value));
    }

    private (long Sent, long Dropped, long Waiting) CountsOf(EdgeClient client)
    {
        var view = client.Owner.Session!.ToView(_edge.Identity.Gateway, client.Owner, client.Owner.Peer!);
        return (view.Traffic.MessagesSent, view.Traffic.DroppedInAll, view.QueuedMessages);
    }
}
