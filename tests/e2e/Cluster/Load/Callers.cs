using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>
/// The services that send device messages, at a steady rate whatever the answers. A call that is not answered with success is made again, some times, at the
/// other gateway and with the same id, as the API asks for.
/// </summary>
internal sealed class Callers : IDisposable
{
    private const int CallsPerSecond = 120;
    private const int AttemptsMax = 4;

    /// <summary>Calls under way at once; what would be more is held back, and does not count.</summary>
    private const int AtOnceMax = 600;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(15);

    private readonly Device[] _devices;
    private readonly RestApi[] _apis;
    private readonly ConcurrentDictionary<string, SentMessage> _messages = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private int _accepted;
    private int _refusedCalls;
    private int _givenUp;
    private int _underWay;

    public Callers(Device[] devices, IEnumerable<GatewayProcess> gateways)
    {
        _devices = devices;
        _apis = [.. gateways.Select(static gateway => new RestApi(gateway.HttpAddress, GatewayProcess.AdminKey))];
        foreach (var api in _apis)
        {
            api.Http.Timeout = CallPatience;
        }
    }

    public IEnumerable<SentMessage> Messages => _messages.Values;

    /// <summary>Messages that were answered with success.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Calls that were refused, or not answered.</summary>
    public int RefusedCalls => Volatile.Read(ref _refusedCalls);

    /// <summary>Messages that no call was accepted for.</summary>
    public int GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>Answers that no outage explains.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public SentMessage? Find(string messageId) => _messages.GetValueOrDefault(messageId);

    /// <summary>Calls until it is stopped, and then waits for the answers that are on their way.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var clock = Stopwatch.StartNew();
        var calls = new List<Task>();
        using var timer = new PeriodicTimer(Pace);
        for (var number = 0; !stopping.IsCancellationRequested;)
        {
            for (var due = clock.Elapsed.TotalSeconds * CallsPerSecond; number < due; number++)
            {
                if (Volatile.Read(ref _underWay) < AtOnceMax)
                {
                    Interlocked.Increment(ref _underWay);
                    calls.Add(SendAsync(number));
                }
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(calls);
    }

    public void Dispose()
    {
        foreach (var api in _apis)
        {
            api.Dispose();
        }
    }

    private async Task SendAsync(int number)
    {
        var message = new SentMessage(_devices[Random.Shared.Next(_devices.Length)], $"m{number}");
        _messages[message.MessageId] = message;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(RetryInterval);
            }

            if (await TrySendAsync(_apis[(number + attempt) % _apis.Length], message))
            {
                message.IsAccepted = true;
                Interlocked.Increment(ref _accepted);
                Interlocked.Decrement(ref _underWay);
                return;
            }

            Interlocked.Increment(ref _refusedCalls);
        }

        Interlocked.Increment(ref _givenUp);
        Interlocked.Decrement(ref _underWay);
    }

    private async Task<bool> TrySendAsync(RestApi api, SentMessage message)
    {
        try
        {
            var answer = await api.TrySendMessageAsync(message.Device, message.MessageId, messageId: message.MessageId);
            if (answer.Status is HttpStatusCode.Created)
            {
                return true;
            }

            if (answer.Status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests))
            {
                _faults.Enqueue($"{message.MessageId}: {answer}");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // The gateway is gone, or does not answer in time.
        }

        return false;
    }
}
