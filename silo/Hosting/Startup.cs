using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
        catch (Exception exception) when (FailuresOf(exception) is { Length: > 0 } failures)
        {
            foreach (var failure in failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return 1;
        }
    }

    /// <summary>
    /// Checks the settings before anything is made from them: the host itself does it only when its services have been made, and what they make of a wrong
    /// setting names it by other names, or not at all.
    /// </summary>
    public static void CheckSettings(this IHost host) => host.Services.GetService<IStartupValidator>()?.Validate();

    private static string[] FailuresOf(Exception exception) => exception switch
    {
        OptionsValidationException wrong => [.. wrong.Failures],

        // Several groups of settings at once.
        AggregateException several when several.InnerExceptions.All(static inner => inner is OptionsValidationException) =>
            [.. several.InnerExceptions.SelectMany(FailuresOf).Distinct()],

        // What can not even be read as what it should be. Its message names the setting.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } unreadable => [unreadable.Message],
        _ => [],
    };
}
