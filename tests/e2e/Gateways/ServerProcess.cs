using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>One of the platform's programs as a process of its own, in a folder of its own. It can be killed, frozen and stopped, and started again.</summary>
internal sealed class ServerProcess(string name, string program, params IEnumerable<(string Name, string Value)> settings) : IAsyncDisposable
{
    private const int LogLinesMax = 500;

    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;
    private bool _isEndAsked;

    /// <summary>What stands behind the program on its command line.</summary>
    public string[] Arguments { get; init; } = [];

    /// <summary>Called when it ended though nobody asked it to.</summary>
    public Action? EndedByItself { get; set; }

    /// <summary>Where it runs.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("iot-e2e-").FullName;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The last lines that it wrote, over all its lives.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts it, and does not wait.</summary>
    public void Launch()
    {
        var start = new ProcessStartInfo("dotnet", [program, .. Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        _isEndAsked = false;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Exited += (_, _) => Exited(process);
        process.Start();
        _process?.Dispose();
        _process = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(TimeSpan patience)
    {
        Launch();
        _isEndAsked = true;
        return await EndAsync("ends", patience);
    }

    /// <summary>Ends it with SIGKILL: nothing of it runs any more.</summary>
    public void Kill()
    {
        _isEndAsked = true;
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to stop, with SIGTERM, and waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync(TimeSpan patience)
    {
        Terminate();
        return EndAsync("stops after SIGTERM", patience);
    }

    /// <summary>Asks it to stop, with SIGTERM, and does not wait.</summary>
    public void Terminate()
    {
        _isEndAsked = true;
        Signal("TERM");
    }

    /// <summary>Holds it where it is: its connections stay open, and it answers nobody.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(string awaited, TimeSpan patience)
    {
        using var giveUp = new CancellationTokenSource(patience);
        try
        {
            await _process!.WaitForExitAsync(giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not within {patience.TotalSeconds} s: {name} {awaited}. Its log:\n{Log}");
        }

        return _process.ExitCode;
    }

    /// <summary>Looks again and again until what it sees is right, as long as the process runs.</summary>
    /// <exception cref="InvalidOperationException">It has ended; says what it wrote.</exception>
    public async Task<T> UntilAsync<T>(Func<Task<T>> look, Predicate<T> isRight, string awaited, TimeSpan patience)
    {
        try
        {
            return await Deadline.UntilAsync(LookAsync, isRight, $"{name} {awaited}", patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} Its log:\n{Log}", exception);
        }

        async Task<T> LookAsync()
        {
            await ThrowIfEndedAsync();
            return await look();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            _isEndAsked = true;
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private async Task ThrowIfEndedAsync()
    {
        if (_process!.HasExited)
        {
            await _process.WaitForExitAsync();
            throw new InvalidOperationException($"{name} ended with {_process.ExitCode} while it started; its log:\n{Log}");
        }
    }

    private void Exited(Process process)
    {
        if (process == _process && !_isEndAsked)
        {
            EndedByItself?.Invoke();
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        while (_log.Count > LogLinesMax)
        {
            _log.TryDequeue(out _);
        }
    }
}
