using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>The data folder, held by this process alone: the store relies on nobody else writing to it.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <exception cref="InvalidOperationException">Another process holds it.</exception>
    public DataFolder(IOptions<DataOptions> options)
    {
        Options = options.Value;
        Directory.CreateDirectory(Options.Path);
        try
        {
            // Held by the operating system, which lets go of it however the process ends.
            _lock = new FileStream(Path.Combine(Options.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"The data folder {Path.GetFullPath(Options.Path)} (Data:Path) is in use by another process.", exception);
        }
    }

    public DataOptions Options { get; }

    public void Dispose() => _lock.Dispose();
}
