using System.Diagnostics;
using System.Text;
using IotPlatform.Bench.Linux;
using IotPlatform.Bench.Servers;

namespace IotPlatform.Bench.Load;

/// <summary>
/// Reads of every device whether the platform has it online, over and over: at a quick pace those that are not known to be, at a slow one all others. An
/// answer says so of that moment; a grain that is lost later is found out by a later look.
/// </summary>
internal sealed class OnlinePoller : ICaller, IDisposable
{
    private const int SuspectsPerSecond = 4_000;
    private const int OthersPerSecond = 1_500;

    private readonly HttpPool _pool;
    private readonly DeviceNames _names;
    private readonly byte[] _request;
    private readonly int _nameAt;
    private readonly bool[] _isOnline;
    private readonly bool[] _wasMissing;
    private readonly Queue<int> _suspects;
    private int _nextOther;
    private long _lastCallAt;

    public OnlinePoller(IPlatform platform, HttpPool pool, DeviceNames names, int devices)
    {
        _pool = pool;
        _names = names;
        _isOnline = new bool[devices];
        _wasMissing = new bool[devices];
        _suspects = new Queue<int>(Enumerable.Range(0, devices));
        var path = $"GET /v1/products/{DeviceNames.DemoProduct}/devices/";
        _nameAt = path.Length;
        _request = Encoding.ASCII.GetBytes($"{path}{names.NameOf(0)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {platform.Key}\r\n\r\n");
    }

    /// <summary>Devices that were online when last asked for.</summary>
    public int Online { get; private set; }

    /// <summary>Devices that were found not to be online, or could not be asked for, at least once.</summary>
    public int Missed { get; private set; }

    /// <summary>When a device that had been missing, or had not been asked for, was last found online.</summary>
    public long LastFoundAt { get; private set; }

    /// <summary>When a device that had been missing was last found online; 0 when none ever was.</summary>
    public long LastRegainedAt { get; private set; }

    public void Open(Epoll epoll) => _pool.Open(epoll);

    /// <summary>Asks for the next devices, as far as the pace allows.</summary>
    public void Poll()
    {
        while (_pool.HasIdle)
        {
            var now = Stopwatch.GetTimestamp();
            var pace = _suspects.Count > 0 ? SuspectsPerSecond : OthersPerSecond;
            if (now - _lastCallAt < Stopwatch.Frequency / pace)
            {
                return;
            }

            _lastCallAt = now;
            if (!_suspects.TryDequeue(out var device))
            {
                device = _nextOther;
                _nextOther = (_nextOther + 1) % _isOnline.Length;
            }

            Encoding.ASCII.GetBytes(_names.NameOf(device), _request.AsSpan(_nameAt));
            _pool.Send(_request, device);
        }
    }

    public void Handle(int token)
    {
        if (_pool.TryReceive(token, out var device, out var answer))
        {
            Found(device, answer.Status == 200 && SaysOnline(answer.Body));
        }
    }

    public void Dispose() => _pool.Dispose();

    private static bool SaysOnline(ReadOnlySpan<byte> json)
    {
        var field = "\"online\":"u8;
        var at = json.IndexOf(field);
        return at >= 0 && json[(at + field.Length)..].TrimStart((byte)' ').StartsWith("true"u8);
    }

    private void Found(int device, bool isOnline)
    {
        if (!isOnline)
        {
            Missed += _wasMissing[device] ? 0 : 1;
            _wasMissing[device] = true;
            _suspects.Enqueue(device);
        }

        if (isOnline == _isOnline[device])
        {
            return;
        }

        _isOnline[device] = isOnline;
        Online += isOnline ? 1 : -1;
        if (isOnline)
        {
            LastFoundAt = Stopwatch.GetTimestamp();
            LastRegainedAt = _wasMissing[device] ? LastFoundAt : LastRegainedAt;
        }
    }
}
