using System.Collections.Concurrent;
using IotPlatform.Mqtt;
using IotPlatform.Sessions;
using IotPlatform.Transport;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>Acknowledgements that wait leave in the order of their packets, and only so many wait.</summary>
public sealed class DeferredAcknowledgementsTests
{
    private readonly FakeConnection _connection = new();
    private readonly Receiver _receiver = new();

    [Fact]
    public async Task Acknowledgements_LeaveInTheOrderOfTheirPackets_WhateverTheOrderOfTheirOutcomes()
    {
        var deferred = New();
        var outcomes = AddPending(deferred, 3);
        outcomes[2].SetResult(ReasonCode.Success);
        outcomes[1].SetResult(ReasonCode.NoMatchingSubscribers);
        Assert.Empty(Sent());
        Assert.False(deferred.IsEmpty);

        outcomes[0].SetResult(ReasonCode.QuotaExceeded);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal([Ack(1, ReasonCode.QuotaExceeded), Ack(2, ReasonCode.NoMatchingSubscribers), Ack(3)], Sent());

        // Those that waited for the first one leave with it, in one piece.
        Assert.Single(_connection.Sent);
    }

    [Fact]
    public async Task Acknowledgement_WhoseOutcomeIsKnown_WaitsForThoseBeforeIt()
    {
        var deferred = New();
        var outcome = AddPending(deferred, 1)[0];
        deferred.Add(new(ReasonCode.Success), PacketType.PubRec, 7, 0);
        deferred.Add(new(ReasonCode.NotAuthorized), PacketType.PubAck, 8, 0);
        Assert.Empty(Sent());
        outcome.SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal([Ack(1), new(PacketType.PubRec, 7, ReasonCode.Success), Ack(8, ReasonCode.NotAuthorized)], Sent());
    }

    [Fact]
    public async Task Publish_AtMostOnce_HasNoAcknowledgement_AndHoldsUpThoseBehindIt()
    {
        var deferred = New();
        var outcome = new TaskCompletionSource<ReasonCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        deferred.Add(new(outcome.Task), PacketType.PubAck, packetId: 0, 0);
        deferred.Add(new(ReasonCode.Success), PacketType.PubAck, 2, 0);
        Assert.Empty(Sent());
        outcome.SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal([Ack(2)], Sent());
    }

    [Fact]
    public async Task Receiving_IsPausedAtTheBound_AndResumedOnceWhenAllAreDone()
    {
        var deferred = New();
        var outcomes = AddPending(deferred, DeferredAcknowledgements.LengthMax - 1);
        Assert.False(deferred.TryPause());
        outcomes = [.. outcomes, .. AddPending(deferred, 1)];
        Assert.True(deferred.TryPause());
        Assert.True(deferred.IsPaused);

        foreach (var outcome in outcomes[..^1])
        {
            outcome.SetResult(ReasonCode.Success);
        }

        await Patience.UntilAsync(() => Sent().Count == DeferredAcknowledgements.LengthMax - 1);
        Assert.Equal(0, _receiver.Resumes);
        outcomes[^1].SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => _receiver.Resumes > 0);
        Assert.Equal((1, false, true), (_receiver.Resumes, deferred.IsPaused, deferred.IsEmpty));

        // And it begins anew.
        AddPending(deferred, 1)[0].SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal(1, _receiver.Resumes);
    }

    [Fact]
    public async Task Receiving_IsPausedByLargePublishes_BeforeThereAreMany()
    {
        var deferred = New();
        var outcome = new TaskCompletionSource<ReasonCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        deferred.Add(new(outcome.Task), PacketType.PubAck, 1, DeferredAcknowledgements.BytesMax - 1);
        Assert.False(deferred.TryPause());
        deferred.Add(new(ReasonCode.Success), PacketType.PubAck, 2, 1);
        Assert.True(deferred.TryPause());
        outcome.SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => _receiver.Resumes == 1);
        deferred.Add(new(ReasonCode.Success), PacketType.PubAck, 3, DeferredAcknowledgements.BytesMax - 1);
        Assert.False(deferred.TryPause());
    }

    [Fact]
    public async Task Outcome_ThatFails_IsToldTo500()
    {
        var deferred = New();
        var outcomes = AddPending(deferred, 3);
        outcomes[0].SetException(new InvalidOperationException());
        outcomes[1].SetException(new InvalidOperationException());
        outcomes[2].SetResult(ReasonCode.UnspecifiedError);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal([Ack(1, ReasonCode.UnspecifiedError), Ack(2, ReasonCode.UnspecifiedError), Ack(3, ReasonCode.UnspecifiedError)], Sent());
        Assert.Empty(_receiver.Disconnects);
    }

    // A positive acknowledgement would be a promise that is not kept, and 3.1.1 has no other.
    [Theory]
    [InlineData(ReasonCode.UnspecifiedError)]
    [InlineData(ReasonCode.QuotaExceeded)]
    public async Task Outcome_ThatIsNotTaken_Closes311_AfterWhatCameBeforeIt_AndNothingIsAcknowledgedAfterIt(ReasonCode reason)
    {
        var deferred = New(ProtocolVersion.Mqtt311);
        var outcomes = AddPending(deferred, 4);
        outcomes[1].SetResult(reason);
        outcomes[2].SetResult(ReasonCode.Success);
        outcomes[0].SetResult(ReasonCode.NotAuthorized);
        await Patience.UntilAsync(() => !_receiver.Disconnects.IsEmpty);
        outcomes[3].SetResult(ReasonCode.Success);
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.Equal([Ack(1)], Sent(ProtocolVersion.Mqtt311));
        Assert.All(_receiver.Disconnects, static reason => Assert.Equal(ReasonCode.UnspecifiedError, reason));
    }

    [Fact]
    public async Task Connection_ThatIsTooFullForAnAcknowledgement_IsClosed_AndStillResumed()
    {
        var deferred = New();
        var outcomes = AddPending(deferred, DeferredAcknowledgements.LengthMax);
        Assert.True(deferred.TryPause());
        _connection.Outcome = SendOutcome.Full;
        foreach (var outcome in outcomes)
        {
            outcome.SetResult(ReasonCode.Success);
        }

        await Patience.UntilAsync(() => _receiver.Resumes == 1);
        Assert.Equal(ReasonCode.QuotaExceeded, _receiver.Disconnects.First());
    }

    // Outcomes come from anywhere while the client goes on publishing.
    [Fact]
    public async Task Acknowledgements_UnderRandomOutcomes_AreAllSentInOrderAndWithinTheBound()
    {
        const int Count = 50_000;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var deferred = New();
        var pending = new BlockingCollection<TaskCompletionSource<ReasonCode>>();
        var answering = Task.Run(() =>
        {
            var batch = new List<TaskCompletionSource<ReasonCode>>();
            foreach (var outcome in pending.GetConsumingEnumerable())
            {
                batch.Add(outcome);
                if (batch.Count >= 20 || pending.Count == 0)
                {
                    batch.Reverse();
                    batch.ForEach(static o => o.SetResult(ReasonCode.Success));
                    batch.Clear();
                }
            }
        });
        var pauses = 0;
        for (var i = 1; i <= Count; i++)
        {
            if (random.Next(3) > 0)
            {
                var outcome = new TaskCompletionSource<ReasonCode>(TaskCreationOptions.RunContinuationsAsynchronously);
                deferred.Add(new(outcome.Task), PacketType.PubAck, IdOf(i), 0);
                pending.Add(outcome);
            }
            else
            {
                deferred.Add(new(ReasonCode.Success), PacketType.PubAck, IdOf(i), 0);
            }

            if (deferred.TryPause())
            {
                pauses++;
                await Patience.UntilAsync(() => _receiver.Resumes == pauses);
            }
        }

        pending.CompleteAdding();
        await answering.InTimeAsync();
        await Patience.UntilAsync(() => deferred.IsEmpty);
        Assert.True(Enumerable.Range(1, Count).Select(IdOf).SequenceEqual(Sent().Select(static a => a.PacketId)), $"seed {seed}");
        Assert.True(pauses > 0, $"seed {seed}: never paused");
        Assert.Equal(pauses, _receiver.Resumes);
    }

    private static ushort IdOf(int number) => (ushort)((number % ushort.MaxValue) + 1);

    private static SentAcknowledgement Ack(ushort packetId, ReasonCode reason = ReasonCode.Success) => new(PacketType.PubAck, packetId, reason);

    private DeferredAcknowledgements New(ProtocolVersion version = ProtocolVersion.Mqtt500) => new(_connection, new ReasonTerms(version, int.MaxValue, WantsNone: true), _receiver);

    private List<SentAcknowledgement> Sent(ProtocolVersion version = ProtocolVersion.Mqtt500) => SentAcknowledgement.In(_connection, version);

    private static TaskCompletionSource<ReasonCode>[] AddPending(DeferredAcknowledgements deferred, int count)
    {
        var outcomes = new TaskCompletionSource<ReasonCode>[count];
        for (var i = 0; i < count; i++)
        {
            outcomes[i] = new TaskCompletionSource<ReasonCode>(TaskCreationOptions.RunContinuationsAsynchronously);
            deferred.Add(new(outcomes[i].Task), PacketType.PubAck, (ushort)(i + 1), 0);
        }

        return outcomes;
    }

    private sealed class Receiver : IPausedReceiver
    {
        private int _resumes;

        public int Resumes => Volatile.Read(ref _resumes);

        public ConcurrentQueue<ReasonCode> Disconnects { get; } = new();

        public void ResumeReceiving() => Interlocked.Increment(ref _resumes);

        public void Disconnect(ReasonCode reason) => Disconnects.Enqueue(reason);
    }
}
