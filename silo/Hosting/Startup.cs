using Microsoft.Extensions.Options;

namespace IotPlatform.Hosting;

/// <summary>Runs a process so that a setting that could not work ends it with a plain line, and not with where in the program that was found.</summary>
public static class Startup
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> main)
    {
        try
        {
            return await main();
        }
        catch (OptionsValidationException exception)
        {
            foreach (var failure in exception.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return 1;
        }
    }
}
