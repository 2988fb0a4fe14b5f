using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using IotPlatform.E2e.Tests.Gateways;
using IotPlatform.Mqtt;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>
/// One device publishes at QoS 1, another one at another gateway is subscribed to it. The publisher never sends anything twice, so that a second arrival is
/// the platform's doing.
/// </summary>
internal sealed class Conversation
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// A listener's session is in the memory of its gateway and ends with it: what was on its way there at that moment is not owed. On its way is what was
    /// acknowledged less than this before: longer than gateways take to find each other again, after the loss of the silo between them.
    /// </summary>
    private static readonly TimeSpan OnItsWayMax = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<int, Published> _published = new();
    private readonly ConcurrentDictionary<(int Number, int Connection), int> _copies = new();
    private readonly ConcurrentQueue<Span> _spans = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly string _topic;
    private Span? _span;
    private int _lastNumber;

    public Conversation(Device speaker, Device listener, IReadOnlyList<GatewayProcess> gateways, int speakerAt, int listenerAt, ProtocolVersion version)
    {
        _topic = $"talk/{speaker.ProductKey}/{speaker.Name}";
        Speaker = new LoadDevice(speaker, gateways, speakerAt, version, isLasting: false, static (_, _, _) => { }) { Talk = TalkAsync };
        Listener = new LoadDevice(listener, gateways, listenerAt, version, isLasting: false, Heard)
        {
            Greeting = async client => Assert.Equal(ReasonCode.GrantedQoS1, await client.SubscribeAsync(_topic, QoS.AtLeastOnce)),
            Changed = ListenerChanged,
        };
    }

    public LoadDevice Speaker { get; }

    public LoadDevice Listener { get; }

    /// <summary>Publishes that were acknowledged.</summary>
    public int Acknowledged => _published.Count(static entry => entry.Value.AcknowledgedAt != 0);

    public int Sent => _published.Count;

    /// <summary>Publishes that arrived.</summary>
    public int Arrived => _published.Count(static entry => entry.Value.HasArrived);

    public int Duplicates => _copies.Values.Sum(static copies => copies - 1);

    /// <summary>What came twice on one connection without DUP, and other things that must not be.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>How many were acknowledged while the listener was there and stayed, and did not arrive.</summary>
    public int MissingCount => Missing().Count();

    /// <summary>Tells of them: which, and where both were when. Null when there are none.</summary>
    public string? TellMissing()
    {
        var missing = Missing().ToList();
        return missing.Count == 0 ? null
            : $"{_topic}: {string.Join(' ', missing.Select(static m => $"{m.Number} ({AgoOf(m.Published.AcknowledgedAt)})"))} of {_lastNumber}, acknowledged so many seconds ago, "
            + $"did not arrive; the speaker came {Speaker.Ways}, the listener {Listener.Ways}, subscribed {string.Join(' ', _spans.Select(static span => AgoOf(span.From)))}";
    }

    private static string AgoOf(long timestamp) => $"{Stopwatch.GetElapsedTime(timestamp).TotalSeconds:F1}";

    private IEnumerable<(int Number, Published Published)> Missing() =>
        from entry in _published
        where entry.Value is { HasArrived: false, AcknowledgedAt: not 0 } && _spans.Any(span => span.Covers(entry.Value))
        orderby entry.Key
        select (entry.Key, entry.Value);

    private async Task TalkAsync(RawClient client, CancellationToken leaving)
    {
        try
        {
            while (!leaving.IsCancellationRequested)
            {
                var published = new Published { SentAt = Stopwatch.GetTimestamp() };
                var number = Interlocked.Increment(ref _lastNumber);
                _published[number] = published;
                var reason = await client.PublishAsync(_topic, number.ToString(CultureInfo.InvariantCulture), QoS.AtLeastOnce);
                if (!reason.IsFailure())
                {
                    published.AcknowledgedAt = Stopwatch.GetTimestamp();
                }

                await Task.Delay(Interval, leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or TimeoutException)
        {
            // Its gateway is gone: this one stays unacknowledged.
        }
    }

    private void Heard(LoadDevice device, Arrival arrival, ReceivedPublish message)
    {
        var number = int.Parse(message.Text, CultureInfo.InvariantCulture);
        var copies = _copies.AddOrUpdate((number, arrival.Connection), 1, static (_, earlier) => earlier + 1);
        if (copies > 1 && !arrival.IsMarked)
        {
            _faults.Enqueue($"{_topic}: {number} came {copies} times on one connection, not marked as a duplicate.");
        }

        _published[number].HasArrived = true;
    }

    private void ListenerChanged(bool isThere)
    {
        if (isThere)
        {
            _span = new Span { From = Stopwatch.GetTimestamp() };
            _spans.Enqueue(_span);
        }
        else
        {
            _span!.To = Stopwatch.GetTimestamp();
        }
    }

    private sealed class Published
    {
        public long SentAt { get; init; }

        /// <summary>0: not acknowledged.</summary>
        public long AcknowledgedAt { get; set; }

        public bool HasArrived { get; set; }
    }

    /// <summary>From its SUBACK to the end of its connection.</summary>
    private sealed class Span
    {
        public long From { get; init; }

        public long To { get; set; } = long.MaxValue;

        public bool Covers(Published published) =>
            From < published.SentAt && (To == long.MaxValue || Stopwatch.GetElapsedTime(published.AcknowledgedAt, To) > OnItsWayMax);
    }
}
