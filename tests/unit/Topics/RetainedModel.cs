using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Topics;
using IotPlatform.Unit.Tests.Sessions;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Topics;

/// <summary>Clients that retain, clear and subscribe at random, beside a dictionary of what should be retained.</summary>
internal sealed class RetainedModel(int seed) : IAsyncDisposable
{
    private static readonly string[] Levels = ["a", "b", "", "温"];

    private readonly Edge _edge = new(followsSessions: false);
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (string Payload, QoS QoS, DateTimeOffset? End)> _retained = [];
    private readonly List<EdgeClient> _publishers = [];
    private int _current;
    private int _clients;

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    public async Task RunAsync(int steps)
    {
        _publishers.Add(await EdgeClient.ConnectAsync(_edge, "p3", ProtocolVersion.Mqtt311));
        _publishers.Add(await EdgeClient.ConnectAsync(_edge, "p5"));
        for (var i = 0; i < steps; i++)
        {
            switch (_random.Next(20))
            {
                case < 12:
                    Publish($"{i}");
                    break;
                case < 15:
                    Publish("");
                    break;
                case < 16:
                    await FinishPublishingAsync();
                    _edge.Time.Advance(TimeSpan.FromSeconds(_random.Next(30)));
                    break;
                case < 17 when _random.Next(3) == 0:
                    // Long enough for the grains to leave the memory.
                    await FinishPublishingAsync();
                    _edge.Time.Advance(TimeSpan.FromMinutes(20));
                    break;
                default:
                    await FinishPublishingAsync();
                    await SubscribeAsync();
                    break;
            }
        }

        await FinishPublishingAsync();
        AssertStored();
    }

    private string Topic()
    {
        var topic = string.Join('/', Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Pick(Levels)));
        return topic.Length == 0 ? "a" : topic;
    }

    // Nothing that begins with "/+" or "/#", which would match more than a client may see.
    private string Filter()
    {
        var filter = string.Join('/', Enumerable.Range(0, 1 + _random.Next(3)).Select(i => _random.Next(3) == 0 ? "+" : i == 0 ? Pick("a", "b") : Pick(Levels)));
        return _random.Next(3) switch { 0 => "#", 1 => filter + "/#", _ => filter };
    }

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];

    private void Publish(string payload)
    {
        var publisher = _publishers[_current];
        var (topic, qos) = (Topic(), (QoS)_random.Next(3));
        var seconds = publisher.Version == ProtocolVersion.Mqtt500 && _random.Next(3) == 0 ? 1 + _random.Next(60) : 0;
        publisher.Publish(topic, payload, qos, retain: true, seconds == 0 ? null : [0x02, 0, 0, 0, (byte)seconds]);
        if (payload.Length == 0)
        {
            _retained.Remove(topic);
        }
        else
        {
            _retained[topic] = (payload, qos, seconds == 0 ? null : _edge.Time.GetUtcNow().AddSeconds(seconds));
        }
    }

    // What two clients publish at the same time has no order: they take turns.
    private async Task FinishPublishingAsync()
    {
        await _publishers[_current].PublishAsync("end", "");
        _current = _random.Next(_publishers.Count);
    }

    private async Task SubscribeAsync()
    {
        var (filter, granted) = (Filter(), (QoS)_random.Next(3));
        var subscriber = await EdgeClient.ConnectAsync(_edge, $"s{_clients++}", Pick(ProtocolVersion.Mqtt311, ProtocolVersion.Mqtt500));
        await subscriber.SubscribeAsync(filter, granted);
        var expected = Expected(filter, granted);
        await Patience.UntilAsync(() => !subscriber.Owner.Session!.IsFeeding, $"what is retained for {filter}");
        Assert.Equal(expected, subscriber.Messages.Select(static m => $"{m.Topic}={m.Payload} at {(int)m.QoS}, {m.Retain}").Order(StringComparer.Ordinal));
        subscriber.Abort();
    }

    private IEnumerable<string> Expected(string filter, QoS granted) => _retained
        .Where(r => !(r.Value.End <= _edge.Time.GetUtcNow()) && TopicFilter.Matches(Encoding.UTF8.GetBytes(filter), Encoding.UTF8.GetBytes(r.Key)))
        .Select(r => $"{r.Key}={r.Value.Payload} at {Math.Min((int)r.Value.QoS, (int)granted)}, True")
        .Order(StringComparer.Ordinal);

    // Rows whose time is up may wait for the sweep.
    private void AssertStored()
    {
        foreach (var (topic, message) in _retained.Where(r => !(r.Value.End <= _edge.Time.GetUtcNow())))
        {
            Assert.Equal(message.Payload, Encoding.UTF8.GetString(_edge.Host.Retained[topic]!.Payload.Span));
        }

        Assert.InRange(_edge.Host.Retained.Count, 0, _retained.Count);
    }
}
