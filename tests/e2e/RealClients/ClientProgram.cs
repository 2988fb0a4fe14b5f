using System.Diagnostics;
using System.Text;
using IotPlatform.Testkit;

namespace IotPlatform.E2e.Tests.RealClients;

/// <summary>Somebody else's program, run against the gateway.</summary>
internal sealed class ClientProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ClientProgram(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far, errors included.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Why a program can not be run here; null when it can.</summary>
    public static string? WhyNot(string program) => Find(program) is null ? $"{program} is not installed." : null;

    public static ClientProgram Start(string program, params IEnumerable<string> arguments) =>
        new(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>Waits until it has written something.</summary>
    public Task UntilOutputAsync(string text, string awaited) =>
        Deadline.UntilAsync(() => Task.FromResult(Output), output => output.Contains(text, StringComparison.Ordinal), awaited);

    /// <summary>Waits for its end, which must be a success.</summary>
    /// <returns>Everything that it wrote.</returns>
    public async Task<string> SuccessAsync(string awaited)
    {
        await ExitedAsync(awaited);
        Assert.True(_process.ExitCode == 0, $"{awaited} ended with {_process.ExitCode}:\n{Output}");
        return Output;
    }

    /// <summary>Waits for its end, whatever it is.</summary>
    public async Task ExitedAsync(string awaited = "the program")
    {
        using var patience = new CancellationTokenSource(2 * Deadline.Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{awaited} does not end; it wrote:\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
